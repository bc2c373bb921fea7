import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { join } from 'node:path';
import { makeBatch } from '../../src/data/batches.js';
import { trainingWindows, type Example } from '../../src/data/examples.js';
import { openTokenizer } from '../../src/data/tokenizers/open.js';
import type { Encoded } from '../../src/data/tokenizers/tokenizer.js';
import { windowsIn } from '../../src/data/cutWindows.js';
import { bestWindow } from '../../src/data/windows.js';
import { example, twoOutputs } from '../support/examples.js';
import { fixtureFolder } from '../support/fixtures.js';

/** Words of a text as white space parts them, each of so many pieces, its last dot with it. */
function encoded(text: string, piecesPerWord: number): Encoded {
  const found = [...text.matchAll(/\S+/g)];
  const wordStarts = Int32Array.from(found, ({ index }) => index);
  const wordEnds = Int32Array.from(found, ({ index, 0: word }) => index + word.length);
  const word = Int32Array.from({ length: found.length * piecesPerWord }, (_, i) =>
    Math.floor(i / piecesPerWord),
  );
  const part = (i: number) => Math.min(i % piecesPerWord, wordEnds[word[i]!]! - wordStarts[word[i]!]! - 1);
  const starts = Int32Array.from(word, (of, i) => wordStarts[of]! + part(i));
  return {
    ids: Int32Array.from(word, (_, i) => 10 + i),
    starts,
    ends: starts.map((start) => start + 1),
    wordStarts,
    wordEnds,
    words: word,
    lastWords: word,
    firstPieces: Int32Array.from(found, (_, i) => i * piecesPerWord),
  };
}

/** A text of sentences of so many words. */
const textOf = (sentences: readonly number[]) =>
  sentences.map((words) => `${['Una', ...Array<string>(words - 1).fill('voz')].join(' ')}.`).join(' ');

const config = { windowPieces: 14, windowStride: 4, windowContext: 2 }; // room for 12
const cut = (sentences: number[], piecesPerWord = 1, changed = {}) => {
  const text = textOf(sentences);
  return windowsIn({ text, encoded: encoded(text, piecesPerWord) }, { ...config, ...changed }).map(
    ({ start, end, scored }) => [start, scored!.start, scored!.end, end],
  );
};

describe('windows of whole sentences', () => {
  test('have as many of them as there is room for, with context on both sides', () => {
    expect(cut([4, 4, 4, 4, 4])).toEqual([
      [0, 0, 8, 10],
      [6, 8, 16, 18],
      [14, 16, 20, 20],
    ]);
  });

  test('are one where the document fits into it', () => {
    expect(cut([5, 7])).toEqual([[0, 0, 12, 12]]);
  });

  test('cut a sentence that is too long between words, and a word that is within it', () => {
    expect(cut([15])).toEqual([
      [0, 0, 10, 12],
      [8, 10, 15, 15],
    ]);
    expect(cut([6], 3)).toEqual([
      [0, 0, 9, 11],
      [7, 9, 18, 18],
    ]);
    expect(cut([1], 20)).toEqual([
      [0, 0, 10, 12],
      [8, 10, 20, 20],
    ]);
  });

  test.each(['unigram', 'byte-level', 'byte-fallback', 'roberta', 'uncased'])(
    'begin with a sentence where pieces take along the white space before it, or not: %s',
    async (kind) => {
      const text = 'Es maestra en una escuela. El padre fue minero.  Vive con su hija.\n'.repeat(4);
      const encoded = await (await openTokenizer(join(fixtureFolder, 'tokenizers', kind))).encode(text);
      const windows = [40, 44, 48, 52].flatMap((windowPieces) =>
        windowsIn({ text, encoded }, { windowPieces, windowStride: 8, windowContext: 4 }),
      );
      const firstWords = windows.map(({ scored }) => encoded.words[scored!.start]!);
      const words = firstWords.map((word) => text.slice(encoded.wordStarts[word], encoded.wordEnds[word]));
      expect(new Set(words)).toEqual(new Set(['Es', 'El', 'Vive']));
    },
  );

  test('are none of an empty document', () => {
    expect(cut([])).toEqual([]);
  });

  test('score every piece once, see its context, and are never too long', () => {
    const sentences = fc.array(fc.integer({ min: 1, max: 12 }), { maxLength: 12 });
    fc.assert(
      fc.property(
        sentences,
        fc.integer({ min: 1, max: 4 }),
        fc.integer({ min: 0, max: 5 }),
        (words, size, windowContext) => {
          const windows = cut(words, size, { windowContext });
          const pieces = words.reduce((sum, count) => sum + count, 0) * size;
          const scored = windows.flatMap(([, from, to]) =>
            Array.from({ length: to! - from! }, (_, i) => from! + i),
          );
          expect(scored).toEqual(Array.from({ length: pieces }, (_, i) => i));
          for (const [start, from, to, end] of windows) {
            expect(end! - start!).toBeLessThanOrEqual(12);
            expect([from! - start!, end! - to!]).toEqual([
              Math.min(windowContext, from!),
              Math.min(windowContext, pieces - to!),
            ]);
          }
        },
      ),
    );
  });

  test('decide each piece where it is scored, though another has more of its context', () => {
    const windows = [
      { start: 0, end: 10, scored: { start: 0, end: 8 } },
      { start: 2, end: 12, scored: { start: 8, end: 12 } },
    ];
    expect([...bestWindow(windows, 12)]).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1]);
  });
});

describe('what is learned of such windows', () => {
  const document: Example = example({ wordCount: 16, spans: { ner: [1, 9], class: [] } });
  const head = twoOutputs;
  const windows = trainingWindows([document], { ...config, windowPieces: 12, windowContext: 3 }, head);

  test('is only what is scored: they are positive where that holds a span', () => {
    expect(windows.map(({ start, end, scored, positive }) => ({ start, end, scored, positive }))).toEqual([
      { start: 0, end: 10, scored: { start: 0, end: 7 }, positive: true },
      { start: 4, end: 14, scored: { start: 7, end: 11 }, positive: true },
      { start: 8, end: 16, scored: { start: 11, end: 16 }, positive: false },
    ]);
  });

  test('leaves out what is around it, in a batch', () => {
    const { real, ids } = makeBatch(windows, [document], { cls: 1, sep: 2, pad: 0 }, { labeller: head });
    const rows = windows.map((_, row) => [...real.subarray(row * 16, (row + 1) * 16)]);
    const ones = rows.map((row) => row.flatMap((one, i) => (one ? [i] : [])));
    expect(ones).toEqual([
      [1, 2, 3, 4, 5, 6, 7],
      [4, 5, 6, 7],
      [4, 5, 6, 7, 8],
    ]);
    expect([...ids.subarray(16, 20)]).toEqual([1, 14, 15, 16]);
  });
});
