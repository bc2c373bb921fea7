import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Decoding } from '../../../src/model/heads/head.js';
import { decoding } from '../../support/decoding.js';
import { headFor, outputsFor } from '../../support/pairs.js';
import { encodedWords, inWords } from '../../support/words.js';

const LONGEST = 3;
const tasks = { ner: ['A', 'B'], class: ['X', 'Y', 'Z'] };
const numberOf = { ner: 2, class: 3, joint: 6 };
type Task = keyof typeof tasks;

/** A pair of words with a probability for each label. */
interface Pair {
  first: number;
  last: number;
  values: number[];
}

/** Probabilities of all pairs of a text of `words` words; 0 but for these. */
function scoresOf(words: number, labels: number, pairs: readonly Pair[]): Float32Array {
  const scores = new Float32Array(words * LONGEST * labels);
  for (const { first, last, values } of pairs) scores.set(values, (first * LONGEST + last - first) * labels);
  return scores;
}

const decode = (
  words: number,
  scores: Float32Array[],
  { agree = false, joint = false, ...changed }: Partial<Decoding> & { agree?: boolean; joint?: boolean } = {},
) =>
  inWords(
    headFor(tasks, { longest: LONGEST, agree, joint }).decode(
      scores,
      encodedWords(Array.from({ length: words }, (_, i) => i)),
      { ...decoding, ...changed },
    ),
  );

describe('spans of pairs', () => {
  test('may be nested, cross, stand side by side, and have a label twice or two labels', () => {
    const ner = scoresOf(5, 2, [
      { first: 0, last: 1, values: [0.9, 0.6] },
      { first: 1, last: 1, values: [0.8, 0] },
      { first: 1, last: 2, values: [0.7, 0] },
      { first: 3, last: 3, values: [0.5, 0] },
      { first: 4, last: 4, values: [0, 0.49] },
    ]);
    expect(decode(5, [ner, scoresOf(5, 3, [])])).toEqual({
      ner: ['A 0-1', 'B 0-1', 'A 1-1', 'A 1-2', 'A 3-3'],
      class: [],
    });
  });

  test('of the same label are kept by probability with overlap best', () => {
    const ner = scoresOf(4, 2, [
      { first: 0, last: 1, values: [0.7, 0] },
      { first: 1, last: 2, values: [0, 0.9] },
      { first: 2, last: 3, values: [0.8, 0] },
      { first: 3, last: 3, values: [0.6, 0] },
    ]);
    expect(decode(4, [ner, scoresOf(4, 3, [])], { overlap: 'best' }).ner).toEqual(['B 1-2', 'A 3-3']);
  });

  test('have a label of joint outputs by the sum of its combinations', () => {
    // A.X, A.Y, A.Z, B.X, B.Y, B.Z
    const joint = scoresOf(2, 6, [{ first: 0, last: 1, values: [0.3, 0.1, 0.3, 0.25, 0, 0] }]);
    expect(decode(2, [joint], { joint: true })).toEqual({ ner: ['A 0-1'], class: ['X 0-1'] });
  });

  test('have a score of 1 at most, though its combinations add up to more', () => {
    const joint = scoresOf(2, 6, [{ first: 0, last: 1, values: [0.7, 0.6, 0, 0, 0, 0.25] }]);
    const found = headFor(tasks, { longest: LONGEST, joint: true }).decode([joint], encodedWords([0, 1]), { ...decoding, threshold: 0.2 }); // prettier-ignore
    expect(found.ner!.map(({ label, score }) => [label, score])).toEqual([['A', 1], ['B', 0.25]]); // prettier-ignore
  });

  test('have the probability of their label for a score, and are candidates from any threshold up to it', () => {
    const ner = scoresOf(3, 2, [{ first: 0, last: 1, values: [0.75, 0.25] }]);
    const head = headFor(tasks, { longest: LONGEST });
    const given = [[ner, scoresOf(3, 3, [])], encodedWords([0, 1, 2])] as const;
    const a = { label: 'A', start: 0, end: 19, score: 0.75 };
    const b = { label: 'B', start: 0, end: 19, score: 0.25 };
    expect(head.decode(...given, decoding)).toEqual({ ner: [a], class: [] });
    expect(head.candidates(...given, 0.2, decoding)).toEqual({
      ner: [
        { ...a, above: -1, upTo: 0.75 },
        { ...b, above: -1, upTo: 0.25 },
      ],
      class: [],
    });
  });

  test('end within the text with a threshold of 0, which all pairs reach', () => {
    const scores = [scoresOf(4, 2, []), scoresOf(4, 3, [{ first: 3, last: 3, values: [0.1, 0.1, 0.1] }])];
    const places = ['0-0', '0-1', '0-2', '1-1', '1-2', '1-3', '2-2', '2-3', '3-3'];
    const ner = places.flatMap((place) => [`A ${place}`, `B ${place}`]);
    expect(decode(4, scores, { threshold: 0 }).ner).toEqual(ner);
    expect(decode(4, scores, { threshold: 0, agree: true }).ner).toEqual(['A 0-2', 'A 3-3']);
    const head = headFor(tasks, { longest: LONGEST });
    expect(inWords(head.candidates(scores, encodedWords([0, 1, 2, 3]), 0, decoding)).ner).toEqual(ner);
  });

  test('that one task proposes get the best label of the other, where they agree', () => {
    const ner = scoresOf(3, 2, [{ first: 0, last: 1, values: [0.6, 0.1] }]);
    const ofClass = scoresOf(3, 3, [
      { first: 0, last: 1, values: [0.1, 0.3, 0.2] },
      { first: 2, last: 2, values: [0, 0, 0.7] },
    ]);
    expect(decode(3, [ner, ofClass], { agree: true })).toEqual({
      ner: ['A 0-1', 'A 2-2'],
      class: ['Y 0-1', 'Z 2-2'],
    });
  });

  test('that overlap are decided by the sum over the tasks, where they agree', () => {
    const ner = scoresOf(3, 2, [
      { first: 0, last: 1, values: [0.9, 0] },
      { first: 0, last: 2, values: [0.6, 0] },
    ]);
    const ofClass = scoresOf(3, 3, [
      { first: 0, last: 1, values: [0.2, 0, 0] },
      { first: 0, last: 2, values: [0, 0.6, 0] },
    ]);
    expect(decode(3, [ner, ofClass], { agree: true })).toEqual({ ner: ['A 0-2'], class: ['Y 0-2'] });
  });

  test('are none where probabilities are not numbers', () => {
    const nothing = [new Float32Array(6).fill(NaN), new Float32Array(9).fill(NaN)];
    for (const agree of [false, true]) expect(decode(1, nothing, { agree })).toEqual({ ner: [], class: [] });
  });
});

describe('decoding pairs, beside one that tries all', () => {
  const WORDS = 4;
  const text = Array.from({ length: WORDS }, (_, i) => i);
  const positions = text.flatMap((first) =>
    text.filter((last) => last >= first && last - first < LONGEST).map((last) => ({ first, last })),
  );
  /** Probabilities whose sums differ unless they have the same parts. */
  const pairs = (labels: number) =>
    fc
      .array(fc.integer({ min: 0, max: 255 }), {
        minLength: positions.length * labels,
        maxLength: positions.length * labels,
      })
      .map((numbers) =>
        positions.map((position, i) => ({
          ...position,
          values: numbers.slice(i * labels, (i + 1) * labels).map((n) => n / 256),
        })),
      );
  const thresholds = { threshold: 0.75, thresholds: { A: 0.5, Z: 0.875 } };
  const reaches = (label: string, value: number) =>
    value >= ((thresholds.thresholds as Record<string, number>)[label] ?? thresholds.threshold);

  interface Found extends Pick<Pair, 'first' | 'last'> {
    value: number;
    labels: string[];
  }
  const overlap = (a: Found, b: Found) => a.first <= b.last && b.first <= a.last;
  const before = (a: Found, b: Found) =>
    a.value !== b.value
      ? a.value > b.value
      : a.last - a.first !== b.last - b.first
        ? a.last - a.first > b.last - b.first
        : a.first < b.first;
  /** Again and again the best of all that overlap nothing kept. */
  const greedy = (all: Found[]): Found[] => {
    const kept: Found[] = [];
    for (;;) {
      const left = all.filter((one) => !kept.some((other) => overlap(one, other)));
      if (left.length === 0) return kept;
      kept.push(left.reduce((best, one) => (before(one, best) ? one : best)));
    }
  };
  const shown = (found: Found[], which = 0) =>
    found.map(({ labels, first, last }) => `${labels[which]} ${first}-${last}`).sort();
  const sorted = (found: Record<string, string[]>) =>
    Object.fromEntries(Object.entries(found).map(([task, list]) => [task, [...list].sort()]));
  const labelled = (list: Pair[], task: Task): Found[] =>
    list.flatMap(({ first, last, values }) =>
      tasks[task].flatMap((label, i) =>
        reaches(label, values[i]!) ? [{ first, last, value: values[i]!, labels: [label] }] : [],
      ),
    );

  test('finds the same, whether spans may overlap or not', () => {
    fc.assert(
      fc.property(pairs(2), pairs(3), (ner, ofClass) => {
        const scores = [scoresOf(WORDS, 2, ner), scoresOf(WORDS, 3, ofClass)];
        expect(sorted(decode(WORDS, scores, thresholds))).toEqual({
          ner: shown(labelled(ner, 'ner')),
          class: shown(labelled(ofClass, 'class')),
        });
        // Two labels of one pair that are equally probable are the same to the tie's rule: the first one stays.
        expect(sorted(decode(WORDS, scores, { ...thresholds, overlap: 'best' }))).toEqual({
          ner: shown(greedy(labelled(ner, 'ner'))),
          class: shown(greedy(labelled(ofClass, 'class'))),
        });
      }),
    );
  });

  test('finds the same where the tasks agree', () => {
    fc.assert(
      fc.property(pairs(2), pairs(3), fc.constantFrom('allow', 'best'), (ner, ofClass, overlapping) => {
        const proposed = positions.flatMap((position, i): Found[] => {
          const both: [Task, number[]][] = [
            ['ner', ner[i]!.values],
            ['class', ofClass[i]!.values],
          ];
          if (!both.some(([task, values]) => values.some((value, l) => reaches(tasks[task][l]!, value))))
            return [];
          const best = both.map(([task, values]) => tasks[task][values.indexOf(Math.max(...values))]!);
          const value = both.reduce((sum, [, values]) => sum + Math.max(...values), 0);
          return [{ ...position, value, labels: best }];
        });
        const kept = greedy(proposed);
        const scores = [scoresOf(WORDS, 2, ner), scoresOf(WORDS, 3, ofClass)];
        const found = decode(WORDS, scores, { ...thresholds, overlap: overlapping as 'allow', agree: true });
        expect(sorted(found)).toEqual({ ner: shown(kept, 0), class: shown(kept, 1) });
      }),
    );
  });
});

test('the outputs have a label or combination once, whatever the scheme', () => {
  const head = headFor(tasks, { longest: LONGEST, joint: true });
  const pairs = head.parameters.find(({ name }) => name === 'heads.joint.label.bias')!;
  expect(pairs.shape).toEqual([2 * numberOf.joint]);
  expect(outputsFor(tasks, true)[0]!.channels).toHaveLength(2 * numberOf.joint); // B and I
});
