import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { windowsOf, type PieceRange } from '../../../src/data/windows.js';
import { headFor } from '../../support/pairs.js';
import { encodedWords } from '../../support/words.js';
import { expectClose, randomNumbers } from '../../support/tensors.js';

const LONGEST = 4;
const head = headFor({ ner: ['A', 'B'], class: ['X'] }, { longest: LONGEST });
const labels = [2, 1];

/** Every pair by itself: looks through all windows for the one with most context. */
function slowly(words: readonly number[], windows: PieceRange[], batches: Float32Array[][], seq: number) {
  const count = (words.at(-1) ?? -1) + 1;
  return labels.map((width, output) => {
    const all = new Float32Array(count * LONGEST * width);
    for (let first = 0; first < count; first++)
      for (let last = first; last < Math.min(count, first + LONGEST); last++) {
        const [from, to] = [words.indexOf(first), words.indexOf(last)];
        const contexts = windows.map(({ start, end }) => {
          if (from < start || to >= end) return -1;
          const before = start === 0 ? Infinity : from - start;
          const after = end === words.length ? Infinity : end - to - 1;
          return Math.min(before, after);
        });
        const number = contexts.indexOf(Math.max(...contexts));
        if (number < 0 || contexts[number] === -1) continue;
        const [i, j] = [from - windows[number]!.start + 1, to - windows[number]!.start + 1];
        const [products, ends] = batches[number]!.slice(2 * output, 2 * output + 2) as [
          Float32Array,
          Float32Array,
        ];
        for (let label = 0; label < width; label++) {
          const score =
            products[i * seq + j]! +
            (ends[i * 2 * width + label]! + ends[j * 2 * width + width + label]!) / 2;
          all[(first * LONGEST + last - first) * width + label] = 1 / (1 + Math.exp(-score));
        }
      }
    return all;
  });
}

/** What `predict` could give for a batch of one window. */
const predicted = (seq: number, seed: number) =>
  labels.flatMap((width, i) => [
    randomNumbers(seq * seq, seed + 2 * i).map((x) => 4 * x),
    randomNumbers(seq * 2 * width, seed + 2 * i + 1),
  ]);

describe("a document's pairs", () => {
  test('come from the window in which they have most context, in whatever order windows come', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 20 }),
        fc.integer({ min: 4, max: 14 }),
        fc.integer({ min: 1, max: 9 }),
        fc.boolean(),
        (piecesOfWords, windowPieces, windowStride, reversed) => {
          const words = piecesOfWords.flatMap((count, word) => Array<number>(count).fill(word));
          const windows = windowsOf(words.length, { windowPieces, windowStride });
          const batches = windows.map((_, number) => predicted(windowPieces, 10 * number));
          const collector = head.collect(encodedWords(words), windows, {} as never);
          const order = [...windows.keys()];
          for (const number of reversed ? order.reverse() : order)
            collector.add(number, 0, windowPieces, batches[number]!);
          const expected = slowly(words, windows, batches, windowPieces);
          collector.scores().forEach((scores, i) => expectClose(scores, expected[i]!, 1e-6));
        },
      ),
    );
  });

  test('are read from their row of a batch', () => {
    const encoded = encodedWords([0, 1]);
    const one = head.collect(encoded, [{ start: 0, end: 2 }], {} as never);
    const other = head.collect(encoded, [{ start: 0, end: 2 }], {} as never);
    const [ofFirst, ofSecond] = [predicted(4, 1), predicted(4, 50)];
    one.add(0, 0, 4, ofSecond);
    const both = ofFirst.map((values, i) => Float32Array.from([...values, ...ofSecond[i]!]));
    other.add(0, 1, 4, both);
    expect(other.scores()).toEqual(one.scores());
  });

  test('have no probability where no window holds them, and are none where there is no text', () => {
    const apart = head.collect(
      encodedWords([0, 1]),
      [
        { start: 0, end: 1 },
        { start: 1, end: 2 },
      ],
      {} as never,
    );
    apart.add(0, 0, 4, predicted(4, 1));
    apart.add(1, 0, 4, predicted(4, 2));
    const [ner] = apart.scores();
    expect([...ner!].map((value) => value > 0)).toEqual(
      Array.from({ length: 2 * LONGEST * 2 }, (_, i) => Math.floor(i / 2) % LONGEST === 0),
    );
    expect(head.collect(encodedWords([]), [], {} as never).scores()).toEqual([
      new Float32Array(0),
      new Float32Array(0),
    ]);
  });
});
