import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { bucketBatches, frequentShapes, makeBatch } from '../../src/data/batches.js';
import { randomFrom } from '../../src/data/random.js';
import { trainingWindows, type Window } from '../../src/data/examples.js';
import { example, twoOutputs } from '../support/examples.js';

const specials = { cls: 2, sep: 3, pad: 0 };
const window = (document: number, start: number, end: number): Window => ({
  document,
  start,
  end,
  positive: false,
});

describe('makeBatch', () => {
  const examples = [
    example({ wordCount: 3, piecesPerWord: 2, spans: { ner: [1], class: [2] } }),
    example({ wordCount: 20 }),
  ];

  test('puts [CLS] and [SEP] around the pieces of each window and pads the row', () => {
    const batch = makeBatch([window(0, 1, 5), window(1, 18, 20)], examples, specials, {
      labeller: twoOutputs,
      padTo: 8,
    });
    expect([...batch.ids]).toEqual([...[2, 11, 12, 13, 14, 3, 0, 0], ...[2, 28, 29, 3, 0, 0, 0, 0]]);
    expect([...batch.real]).toEqual([...[0, 1, 1, 1, 1, 0, 0, 0], ...[0, 1, 1, 0, 0, 0, 0, 0]]);
    expect([...batch.lengths]).toEqual([6, 4]);
    expect(batch).toMatchObject({ batch: 2, seq: 8, windows: [window(0, 1, 5), window(1, 18, 20)] });
  });

  test('gives every piece the targets of its word', () => {
    const { targets } = makeBatch([window(0, 1, 6)], examples, specials, { labeller: twoOutputs, padTo: 8 });
    const pieces = [
      ...[0, 0], // [CLS]
      ...[0, 0], // second piece of word 0
      ...[1, 0], // word 1: A
      ...[1, 0],
      ...[0, 0], // word 2
      ...[0, 0],
      ...[0, 0], // [SEP]
      ...[0, 0],
    ];
    expect(targets.map(({ values }) => [...values])).toEqual([pieces, [0, 0, 0, 0, 1, 1, 0, 0]]);
  });

  test('gives a piece over two words the targets of both, and one without a word none', () => {
    const marked = example({ wordCount: 4, spans: { ner: [0], class: [1] } });
    const encoded = {
      ...marked.encoded,
      words: Int32Array.of(0, -1, 2, 3),
      lastWords: Int32Array.of(1, -1, 2, 3),
      firstPieces: Int32Array.of(0, 0, 2, 3),
    };
    const { real, targets } = makeBatch([window(0, 0, 3)], [{ ...marked, encoded }], specials, {
      labeller: twoOutputs,
      padTo: 5,
    });
    expect([...real]).toEqual([0, 1, 0, 1, 0]);
    expect(targets.map(({ values }) => [...values])).toEqual([
      [...[0, 0], ...[1, 0], ...[0, 0], ...[0, 0], ...[0, 0]],
      [0, 1, 0, 0, 0],
    ]);
  });

  test('makes rows as long as the longest window, rounded up to a multiple of 16', () => {
    const seqOf = (pieces: number) =>
      makeBatch([window(1, 0, pieces), window(1, 0, 1)], examples, specials).seq;
    expect([1, 14, 15].map(seqOf)).toEqual([16, 16, 32]);
  });

  test('rounds up to no more than the positions of the encoder', () => {
    const seqOf = (pieces: number) =>
      makeBatch([window(1, 0, pieces)], examples, specials, { mostPieces: 20 }).seq;
    expect([2, 17, 18].map(seqOf)).toEqual([16, 20, 20]);
  });

  test('refuses a window that is longer than the rows asked for', () => {
    expect(() => makeBatch([window(1, 0, 9)], examples, specials, { padTo: 10 })).toThrow(
      'a window of 11 pieces does not fit into 10',
    );
  });
});

describe('bucketBatches', () => {
  const windows = fc.array(
    fc
      .tuple(fc.nat(30), fc.nat(50), fc.integer({ min: 1, max: 126 }))
      .map(([document, start, length]) => window(document, start, start + length)),
    { maxLength: 80 },
  );
  const batchSize = fc.integer({ min: 1, max: 20 });

  test('holds every window once in batches that are full but one', () => {
    fc.assert(
      fc.property(windows, batchSize, fc.nat(1000), (all, size, seed) => {
        const batches = bucketBatches(all, size, randomFrom(seed));
        const seen = new Set(batches.flat());
        expect(batches.flat()).toHaveLength(all.length);
        expect(all.every((one) => seen.has(one))).toBe(true);
        expect(batches.filter((batch) => batch.length !== size).length).toBeLessThanOrEqual(1);
      }),
    );
  });

  test('puts windows of like length together', () => {
    fc.assert(
      fc.property(windows, batchSize, (all, size) => {
        const rounded = ({ start, end }: Window) => Math.ceil((end - start + 2) / 16);
        const ranges = bucketBatches(all, size, randomFrom(1))
          .map((batch) => batch.map(rounded))
          .map((lengths) => ({ shortest: Math.min(...lengths), longest: Math.max(...lengths) }))
          .sort((a, b) => a.shortest - b.shortest || a.longest - b.longest);
        for (const [i, { longest }] of ranges.slice(0, -1).entries()) {
          expect(longest).toBeLessThanOrEqual(ranges[i + 1]!.shortest);
        }
      }),
    );
  });

  test('draws which windows of one length are together, and in what order the batches come', () => {
    const all = [4, 20, 36, 52].flatMap((length) =>
      Array.from({ length: 6 }, (_, i) => window(i, 0, length)),
    );
    const drawn = [1, 2, 3, 4, 5].map((seed) => bucketBatches(all, 3, randomFrom(seed)));
    const together = drawn.map(
      (batches) =>
      batches.map((batch) => batch.map(({ document, end }) => `${end} ${document}`).sort().join()).sort().join(), // prettier-ignore
    );
    expect(new Set(together).size).toBe(5);
    const order = drawn.map((batches) => batches.map(([first]) => first!.end).join());
    expect(new Set(order).size).toBe(5);
  });

  test('draws the same batches from the same seed, others from another', () => {
    const all = trainingWindows(
      [example({ wordCount: 300 })],
      { windowPieces: 8, windowStride: 3 },
      twoOutputs,
    );
    const draw = (seed: number) => bucketBatches(all, 4, randomFrom(seed));
    expect(draw(5)).toEqual(draw(5));
    expect(draw(5)).not.toEqual(draw(6));
  });
});

test('shapes are frequent that as many batches have as are asked for, as they are padded', () => {
  const batch = (...lengths: number[]) => lengths.map((length, i) => window(i, 0, length));
  const batches = [batch(3, 9), batch(14, 2), batch(15, 2), batch(30, 30), batch(4)];
  const isFrequent = frequentShapes(batches, 2);
  expect(isFrequent({ batch: 2, seq: 16 })).toBe(true); // the first two
  expect(isFrequent({ batch: 2, seq: 32 })).toBe(true);
  expect(isFrequent({ batch: 1, seq: 16 })).toBe(false);
  expect(isFrequent({ batch: 2, seq: 48 })).toBe(false);
  expect(frequentShapes(batches, 3)({ batch: 2, seq: 16 })).toBe(false);
  expect(frequentShapes(batches, 2, 20)({ batch: 2, seq: 20 })).toBe(false); // one of 20, one of 32
  expect(frequentShapes(batches, 1, 20)({ batch: 2, seq: 20 })).toBe(true);
});
