import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { bestWindow, windowsOf } from '../../src/data/windows.js';
import { trainingWindows } from '../../src/data/examples.js';
import { example, twoOutputs } from '../support/examples.js';

describe('windowsOf', () => {
  const config = { windowPieces: 12, windowStride: 6 }; // ten pieces and [CLS], [SEP]

  test('makes one window of a short document', () => {
    expect(windowsOf(10, config)).toEqual([{ start: 0, end: 10 }]);
  });

  test('moves the last window back so that it is full', () => {
    expect(windowsOf(17, config)).toEqual([
      { start: 0, end: 10 },
      { start: 6, end: 16 },
      { start: 7, end: 17 },
    ]);
  });

  test('makes none of a document without pieces', () => {
    expect(windowsOf(0, config)).toEqual([]);
  });

  test('leaves no piece out where the stride is longer than a window', () => {
    expect(windowsOf(20, { windowPieces: 12, windowStride: 500 })).toEqual([
      { start: 0, end: 10 },
      { start: 10, end: 20 },
    ]);
  });

  const cases = fc.record({
    pieceCount: fc.nat(400),
    windowPieces: fc.integer({ min: 8, max: 64 }),
    windowStride: fc.integer({ min: 1, max: 80 }),
  });

  test('covers every piece with windows that are full or the whole document, none twice', () => {
    fc.assert(
      fc.property(cases, ({ pieceCount, ...config }) => {
        const windows = windowsOf(pieceCount, config);
        const covered = new Set<number>();
        for (const { start, end } of windows)
          for (let piece = start; piece < end; piece++) covered.add(piece);
        expect(covered.size).toBe(pieceCount);
        const length = Math.min(pieceCount, config.windowPieces - 2);
        expect(windows.every(({ start, end }) => start >= 0 && end - start === length)).toBe(true);
        expect(new Set(windows.map(({ start }) => start)).size).toBe(windows.length);
      }),
    );
  });

  test('gives every piece a best window that holds it with no less context than any other', () => {
    fc.assert(
      fc.property(cases, ({ pieceCount, ...config }) => {
        const windows = windowsOf(pieceCount, config);
        const context = (piece: number, { start, end }: { start: number; end: number }) =>
          piece < start || piece >= end
            ? -1
            : Math.min(
                start === 0 ? Infinity : piece - start,
                end === pieceCount ? Infinity : end - 1 - piece,
              );
        bestWindow(windows, pieceCount).forEach((best, piece) => {
          const most = Math.max(...windows.map((window) => context(piece, window)));
          expect(context(piece, windows[best]!)).toBe(most);
          expect(most).toBeGreaterThanOrEqual(0);
        });
      }),
      { numRuns: 50 },
    );
  });
});

describe('bestWindow', () => {
  test('changes over in the middle of what two windows share', () => {
    const windows = [
      { start: 0, end: 10 },
      { start: 6, end: 16 },
    ];
    expect([...bestWindow(windows, 16)]).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1]);
  });

  test('marks pieces that are in no window', () => {
    expect([...bestWindow([{ start: 1, end: 2 }], 3)]).toEqual([-1, 0, -1]);
  });
});

describe('trainingWindows', () => {
  test('are positive where they hold a piece of a span', () => {
    // Words of two pieces; windows of six pieces, every four.
    const examples = [
      example({ wordCount: 1 }),
      example({ wordCount: 5, piecesPerWord: 2, spans: { ner: [4] } }),
    ];
    expect(trainingWindows(examples, { windowPieces: 8, windowStride: 4 }, twoOutputs)).toEqual([
      { document: 0, start: 0, end: 1, positive: false },
      { document: 1, start: 0, end: 6, positive: false },
      { document: 1, start: 4, end: 10, positive: true },
    ]);
  });

  test('are positive where they hold only the second piece of a word in a span', () => {
    const examples = [example({ wordCount: 4, piecesPerWord: 3, spans: { ner: [0] } })];
    const positive = trainingWindows(examples, { windowPieces: 8, windowStride: 2 }, twoOutputs).map(
      (one) => one.positive,
    );
    expect(positive).toEqual([true, true, false, false]);
  });

  test('are positive where they hold a piece over two words of which one is in a span', () => {
    const marked = example({ wordCount: 6, spans: { ner: [1] } });
    const encoded = {
      ...marked.encoded,
      words: Int32Array.of(-1, 0, 2, 3, 4, -1),
      lastWords: Int32Array.of(-1, 1, 2, 3, 4, -1),
    };
    const windows = trainingWindows(
      [{ ...marked, encoded }],
      { windowPieces: 4, windowStride: 2 },
      twoOutputs,
    );
    expect(windows.map(({ positive }) => positive)).toEqual([true, false, false]);
  });

  test('are none for an empty document', () => {
    expect(
      trainingWindows([example({ wordCount: 0 })], { windowPieces: 8, windowStride: 4 }, twoOutputs),
    ).toEqual([]);
  });
});
