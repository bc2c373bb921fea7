import { describe, expect, test } from '@jest/globals';
import { excerptOf, wordEnd, type ExcerptOptions } from '../../src/augment/excerpt.js';
import type { Encoded } from '../../src/data/tokenizers/tokenizer.js';

const specials = { cls: -2, sep: -3 };

/** A sentence whose piece i has id i and lies at 2i … 2i + 1; two pieces make a word. */
function sentence(pieces: number): Encoded {
  const numbers = Int32Array.from({ length: pieces }, (_, i) => i);
  const words = numbers.map((i) => i >> 1);
  const starts = numbers.map((i) => 2 * i);
  const ofWords = { wordStarts: words, wordEnds: words, firstPieces: words };
  return {
    ids: numbers,
    starts,
    ends: starts.map((start) => start + 1),
    words,
    lastWords: words,
    ...ofWords,
  };
}

/** Ids seen and ids scored. */
function cut(
  pieces: number,
  [first, last]: [number, number],
  window: number,
  mostPieces: number,
  scored: ExcerptOptions['scored'] = 'both',
) {
  const span = { start: 2 * first, end: 2 * last + 1 };
  const excerpt = excerptOf(sentence(pieces), span, specials, { window, mostPieces, scored })!;
  return { seen: [...excerpt.ids], scored: excerpt.scored.map((position) => excerpt.ids[position]) };
}

describe('an excerpt', () => {
  test('is the whole sentence where it is short enough', () => {
    expect(cut(5, [2, 3], 0, 7)).toEqual({ seen: [-2, 0, 1, 2, 3, 4, -3], scored: [2, 3] });
  });

  test('scores the window on either side, as far as the sentence goes', () => {
    expect(cut(9, [1, 2], 3, 20).scored).toEqual([0, 1, 2, 3, 4, 5]);
    expect(cut(9, [4, 4], Infinity, 20).scored).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
  });

  test('scores only what is around the span, where that is asked for', () => {
    expect(cut(9, [1, 2], 3, 20, 'window').scored).toEqual([0, 3, 4, 5]);
    expect(cut(20, [9, 10], Infinity, 8, 'window').scored).toEqual([7, 8, 11, 12]);
  });

  test("scores the span's first word with what is around it, where that is asked for", () => {
    expect(cut(9, [2, 5], 1, 20, 'edge').scored).toEqual([1, 2, 3, 6]);
    expect(cut(9, [3, 5], 1, 20, 'edge').scored).toEqual([2, 3, 6]);
  });

  test('has as much on the left of the span as on its right', () => {
    expect(cut(20, [9, 10], 1, 8)).toEqual({ seen: [-2, 7, 8, 9, 10, 11, 12, -3], scored: [8, 9, 10, 11] });
  });

  test('ends with the sentence where the span is near its end', () => {
    expect(cut(20, [19, 19], 2, 6)).toEqual({ seen: [-2, 16, 17, 18, 19, -3], scored: [17, 18, 19] });
    expect(cut(20, [0, 0], Infinity, 6)).toEqual({ seen: [-2, 0, 1, 2, 3, -3], scored: [0, 1, 2, 3] });
  });

  test('takes the beginning of a span that is too long', () => {
    expect(cut(20, [5, 15], 0, 6)).toEqual({ seen: [-2, 5, 6, 7, 8, -3], scored: [5, 6, 7, 8] });
    expect(cut(20, [3, 19], 2, 6).seen).toEqual([-2, 3, 4, 5, 6, -3]);
  });

  test('is undefined where no piece is in the span, or none around it that should be scored', () => {
    const options = { window: 0, mostPieces: 9, scored: 'both' } as const;
    expect(excerptOf(sentence(4), { start: 3, end: 4 }, specials, options)).toBeUndefined();
    expect(excerptOf(sentence(0), { start: 0, end: 1 }, specials, options)).toBeUndefined();
    const whole = { window: 2, mostPieces: 9, scored: 'window' } as const;
    expect(excerptOf(sentence(2), { start: 0, end: 3 }, specials, whole)).toBeUndefined();
  });
});

describe('the end of a word', () => {
  const excerpt = (words: number[], lastWords: number[]) => ({
    ids: Int32Array.from(words),
    words: Int32Array.from([-1, ...words, -1]),
    lastWords: Int32Array.from([-1, ...lastWords, -1]),
    scored: [],
  });

  test('is behind its last piece, or behind the one piece that has no word', () => {
    const some = excerpt([0, 0, 1, -1, -1], [0, 0, 1, -1, -1]);
    expect([1, 2, 3, 4, 5].map((position) => wordEnd(some, position))).toEqual([3, 3, 4, 5, 6]);
  });

  test('is behind the last piece of the last word that a piece lies over', () => {
    const some = excerpt([0, 1, 1, 2], [1, 1, 2, 2]);
    expect([1, 2, 3].map((position) => wordEnd(some, position))).toEqual([4, 4, 5]);
  });
});
