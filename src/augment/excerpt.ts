import type { Encoded, Tokenizer } from '../data/tokenizers/tokenizer.js';
import { InputError } from '../errors.js';

/** A sentence with a span; offsets are code points, end exclusive. */
export interface SpanRequest {
  text: string;
  start: number;
  end: number;
}

/** What the model sees of a sentence, and which of its pieces are scored. */
export interface Excerpt {
  /** With [CLS] and [SEP]. */
  ids: Int32Array;
  /** The first word of each piece; -1 for [CLS], [SEP] and pieces without a word. */
  words: Int32Array;
  /** The last one. */
  lastWords: Int32Array;
  /** Positions in `ids` of the pieces that are scored. */
  scored: number[];
}

export interface ExcerptOptions {
  window: number;
  mostPieces: number;
  /** both: the span and the window; window: only what is around the span; edge: that and the span's first word. */
  scored: 'both' | 'window' | 'edge';
}

/** Longer sentences are cut around the span. */
export const LONGEST = 128;

/** What the model sees of each sentence. @throws InputError where a span holds no piece, or none is scored */
export async function excerptsOf(
  tokenizer: Tokenizer,
  requests: readonly SpanRequest[],
  options: ExcerptOptions,
): Promise<Excerpt[]> {
  const encoded = await tokenizer.encodeBatch(requests.map(({ text }) => text));
  return requests.map((request, i) => {
    const excerpt = excerptOf(encoded[i]!, request, tokenizer, options);
    if (excerpt) return excerpt;
    throw new InputError(
      `The span ${request.start}–${request.end} of «${request.text}» ` +
        (options.scored === 'both' ? 'holds no piece of the vocabulary' : 'has nothing around it') +
        ': it cannot be scored; leave it out',
    );
  });
}

/**
 * Cuts a sentence to `mostPieces` pieces around the span, with as much on its left as on its right; scored are
 * `window` pieces on either side, with the span's own or without. Of a span that is longer, its beginning is
 * taken. Undefined: no piece is in the span, or none to be scored.
 */
export function excerptOf(
  { ids, starts, ends, words, lastWords }: Encoded,
  span: { start: number; end: number },
  { cls, sep }: Pick<Tokenizer, 'cls' | 'sep'>,
  { window, mostPieces, scored }: ExcerptOptions,
): Excerpt | undefined {
  const first = ends.findIndex((end) => end > span.start);
  const last = starts.findLastIndex((start) => start < span.end);
  if (first < 0 || last < first) return undefined;

  const content = Math.min(ids.length, mostPieces - 2);
  const room = Math.max(0, content - (last + 1 - first));
  const from = Math.min(Math.max(0, first - (room >> 1)), ids.length - content);
  const framed = (values: Int32Array, left: number, right: number) =>
    Int32Array.of(left, ...values.subarray(from, from + content), right);
  const isScored = (piece: number) =>
    piece < first ||
    piece > last ||
    scored === 'both' ||
    (scored === 'edge' && words[piece] === words[first]);
  const pieces = range(Math.max(from, first - window), Math.min(from + content, last + 1 + window));
  const positions = pieces.filter(isScored).map((piece) => 1 + piece - from);
  if (positions.length === 0) return undefined;
  return {
    ids: framed(ids, cls, sep),
    words: framed(words, -1, -1),
    lastWords: framed(lastWords, -1, -1),
    scored: positions,
  };
}

export function range(start: number, end: number): number[] {
  return Array.from({ length: end - start }, (_, i) => start + i);
}

/** The end of the pieces that go on with a word of the piece at `position`. */
export function wordEnd({ words, lastWords }: Excerpt, position: number): number {
  let end = position + 1;
  while (words[end]! >= 0 && words[end]! <= lastWords[position]!) end++;
  return end;
}
