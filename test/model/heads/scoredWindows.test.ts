import { describe, expect, test } from '@jest/globals';
import { chainHead } from '../../support/chains.js';
import { describeEngines } from '../../support/engines.js';
import { headFor } from '../../support/pairs.js';
import { encodedWords, wordSpan } from '../../support/words.js';
import { validPairs } from '../../../src/model/heads/spans/targets.js';
import * as tf from '@tensorflow/tfjs-core';

const SEQ = 14;
const words = Array.from({ length: 12 }, (_, i) => i);
const encoded = encodedWords(words);
const labels = { ner: ['A', 'B'], class: ['X'] };
/** One at the beginning, one over the cut at word 5, one that ends past what the first window reads, one at the end. */
const gold = {
  ner: [wordSpan('A', 1, 2), wordSpan('B', 4, 5), wordSpan('A', 3, 8)],
  class: [wordSpan('X', 11, 11)],
};
const windows = [
  { start: 0, end: 7, scored: { start: 0, end: 5 } },
  { start: 3, end: 12, scored: { start: 5, end: 12 } },
];

describe('a conditional random field', () => {
  const head = chainHead(labels, { width: 2 });
  const targets = head.targetsOf(gold, encoded);
  const of = (window: object, seq: number) =>
    head.batchTargets([{ ...window, encoded, targets } as never], seq).map(({ values }) => [...values]);

  test('learns of a window what it would if there were nothing around what is scored', () => {
    const [kinds, ends, ...outputs] = of(windows[1]!, SEQ);
    const [kindsAlone, endsAlone, ...alone] = of({ start: 5, end: 12 }, SEQ - 2);
    // Two pieces of context stand before: two rows of three kinds that are no units.
    expect(kinds).toEqual([0, 0, 1, 0, 0, 1, ...kindsAlone!]);
    expect(ends).toEqual(endsAlone);
    outputs.forEach((values, i) => {
      const isMoves = i % 2 === 1;
      expect(isMoves ? values : values.slice(-alone[i]!.length)).toEqual(alone[i]);
    });
  });

  test('finds something in a window only where it is scored', () => {
    const one = { ...gold, ner: [wordSpan('A', 5, 6)], class: [] };
    const found = windows.map((window) => head.isPositive(head.targetsOf(one, encoded), encoded, window));
    expect(found).toEqual([false, true]);
  });
});

describe('the head spans', () => {
  const longest = 6;
  const head = headFor(labels, { longest });
  const targets = head.targetsOf(gold, encoded);

  test('finds a span where its first word is scored and its last one is read', () => {
    const found = (first: number, last: number) =>
      windows.map((window) =>
        head.isPositive(head.targetsOf({ ner: [wordSpan('A', first, last)] }, encoded), encoded, window),
      );
    expect(found(4, 6)).toEqual([true, false]);
    expect(found(4, 7)).toEqual([false, false]);
    expect(found(5, 8)).toEqual([false, true]);
  });

  test('takes a pair from the window that scores its first word, where that reads its last', () => {
    const valueOf = (first: number, last: number) => first / 3 - last / 5;
    const collector = head.collect(encoded, windows, {} as never);
    windows.forEach(({ start, end }, number) => {
      const products = new Float32Array(SEQ * SEQ);
      for (let first = start; first < end; first++)
        for (let last = start; last < end; last++)
          products[(1 + first - start) * SEQ + 1 + last - start] = valueOf(first, last) + 100 * number;
      const ends = (count: number) => new Float32Array(SEQ * 2 * count);
      collector.add(number, 0, SEQ, [products, ends(2), products, ends(1)]);
    });
    const probabilities = collector.scores()[1]!;
    for (let first = 0; first < 12; first++)
      for (let last = first; last < Math.min(12, first + longest); last++) {
        const number = first < 5 ? 0 : 1;
        const isRead = last < windows[number]!.end;
        const expected = isRead ? 1 / (1 + Math.exp(-valueOf(first, last) - 100 * number)) : 0;
        expect(probabilities[first * longest + last - first]).toBeCloseTo(expected, 6);
      }
  });

  describeEngines(
    'in training',
    () => {
      test('learns of every such pair once, and of no other', () => {
        const all = windows.map((window) => ({ ...window, encoded, targets }));
        const [rows, ner, ofClass] = head.batchTargets(all, SEQ);
        const valid = tf.tidy(() =>
          validPairs(tf.tensor(rows!.values, rows!.shape, 'int32'), longest).dataSync(),
        );
        const pairs: string[] = [];
        const found: string[] = [];
        windows.forEach(({ start }, row) => {
          for (let i = 0; i < SEQ; i++)
            for (let j = 0; j < SEQ; j++) {
              const at = (row * SEQ + i) * SEQ + j;
              const pair = `${start + i - 1}-${start + j - 1}`;
              if (valid[at]) pairs.push(pair);
              if (ner!.values[at]! + ofClass!.values[at]! > 0) found.push(pair);
            }
        });
        const expected: string[] = [];
        for (let first = 0; first < 12; first++)
          for (let last = first; last < Math.min(first < 5 ? 7 : 12, first + longest); last++)
            expected.push(`${first}-${last}`);
        expect(pairs.sort()).toEqual(expected.sort());
        expect(found.sort()).toEqual(['1-2', '11-11', '4-5']);
      });
    },
    ['cpu'],
  );
});
