import type { Encoded, Tokenizer } from '../data/tokenizer.js';

/** What the model sees of a sentence, and which of its pieces are scored. */
export interface Excerpt {
  /** With [CLS] and [SEP]. */
  ids: Int32Array;
  /** The word of each piece; -1 for [CLS] and [SEP]. */
  words: Int32Array;
  /** Positions first … end - 1 of `ids` are scored. */
  first: number;
  end: number;
}

/**
 * Cuts a sentence to `mostPieces` pieces around the span, with as much on its left as on its right; scored are
 * the span's pieces and `window` pieces on either side. Of a span that is longer, its beginning is taken.
 * Undefined: no piece is in the span.
 */
export function excerptOf(
  { ids, starts, ends, words }: Encoded,
  span: { start: number; end: number },
  { cls, sep }: Pick<Tokenizer, 'cls' | 'sep'>,
  { window, mostPieces }: { window: number; mostPieces: number },
): Excerpt | undefined {
  const first = ends.findIndex((end) => end > span.start);
  const last = starts.findLastIndex((start) => start < span.end);
  if (first < 0 || last < first) return undefined;

  const content = Math.min(ids.length, mostPieces - 2);
  const room = Math.max(0, content - (last + 1 - first));
  const from = Math.min(Math.max(0, first - (room >> 1)), ids.length - content);
  const framed = (values: Int32Array, left: number, right: number) =>
    Int32Array.of(left, ...values.subarray(from, from + content), right);
  return {
    ids: framed(ids, cls, sep),
    words: framed(words, -1, -1),
    first: 1 + Math.max(0, first - window - from),
    end: 1 + Math.min(content, last + 1 + window - from),
  };
}
