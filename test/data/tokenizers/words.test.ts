import { describe, expect, test } from '@jest/globals';
import { mapToWords, wordSplitter } from '../../../src/data/tokenizers/words.js';

/** Pieces and words as [start, end] each; what the pieces are over, word by word. */
function map(pieces: [number, number][], words: [number, number][]) {
  const column = (pairs: [number, number][], side: 0 | 1) => Int32Array.from(pairs, (pair) => pair[side]);
  const { ids, wordStarts, wordEnds, firstPieces, ...found } = mapToWords(
    {
      ids: Int32Array.from(pieces.keys()),
      starts: column(pieces, 0),
      ends: column(pieces, 1),
    },
    { wordStarts: column(words, 0), wordEnds: column(words, 1) },
  );
  return {
    over: [...ids].map((i) => [found.words[i], found.lastWords[i]]),
    words: [...wordStarts].map((start, i) => [start, wordEnds[i]]),
    first: [...firstPieces],
  };
}

describe('pieces are mapped to words', () => {
  test('by the characters that they have in common, whatever space they take along', () => {
    const words: [number, number][] = [[0, 2], [3, 9], [9, 10]]; // prettier-ignore
    expect(
      map(
        [
          [0, 2],
          [2, 7],
          [7, 9],
          [9, 10],
        ],
        words,
      ),
    ).toEqual({
      over: [
        [0, 0],
        [1, 1],
        [1, 1],
        [2, 2],
      ],
      words,
      first: [0, 1, 3],
    });
  });

  test('to the first and the last word where one lies over several', () => {
    const words: [number, number][] = [[0, 6], [6, 7], [8, 10]]; // prettier-ignore
    expect(
      map(
        [
          [0, 4],
          [4, 10],
        ],
        words,
      ),
    ).toEqual({
      over: [
        [0, 0],
        [0, 2],
      ],
      words,
      first: [0, 1, 1],
    });
  });

  test('to none where one has no character of any', () => {
    const words: [number, number][] = [[0, 2], [4, 6]]; // prettier-ignore
    expect(
      map(
        [
          [0, 0],
          [0, 2],
          [2, 3],
          [3, 3],
          [3, 6],
          [6, 7],
        ],
        words,
      ),
    ).toEqual({
      over: [
        [-1, -1],
        [0, 0],
        [-1, -1],
        [-1, -1],
        [1, 1],
        [-1, -1],
      ],
      words,
      first: [1, 4],
    });
  });

  test('and words without a piece are left out', () => {
    expect(
      map(
        [
          [0, 2],
          [5, 9],
        ],
        [
          [0, 2],
          [3, 4],
          [5, 6],
          [7, 9],
          [10, 11],
        ],
      ),
    ).toEqual({
      over: [
        [0, 0],
        [1, 2],
      ],
      words: [
        [0, 2],
        [5, 6],
        [7, 9],
      ],
      first: [0, 1, 1],
    });
    expect(map([], [[0, 2]])).toEqual({ over: [], words: [], first: [] });
  });

  test('all of them to the word of their character where they are bytes of one', () => {
    const { over, first } = map([[0, 1], [0, 1], [1, 2], [1, 2]], [[0, 1], [1, 2]]); // prettier-ignore
    expect(over).toEqual([[0, 0], [0, 0], [1, 1], [1, 1]]); // prettier-ignore
    expect(first).toEqual([0, 2]);
  });
});

test("words are those of BERT's pre-tokenizer, accents kept", async () => {
  const [one, none] = await wordSplitter()(['Cafe\u0301, 医院 [UNK].', ' \n']);
  expect([...one!.wordStarts]).toEqual([0, 5, 7, 8, 10, 11, 14, 15]);
  expect([...one!.wordEnds]).toEqual([5, 6, 8, 9, 11, 14, 15, 16]);
  expect(none!.wordStarts).toHaveLength(0);
});
