import type { Span } from './document.js';
import type { Encoded } from './tokenizers/tokenizer.js';

/** The pieces of a text that overlap a span, in order. */
export function spanPieces(
  { starts, ends }: Pick<Encoded, 'starts' | 'ends'>,
  { start, end }: Pick<Span, 'start' | 'end'>,
): number[] {
  const pieces: number[] = [];
  for (let piece = 0; piece < starts.length; piece++)
    if (starts[piece]! < end && start < ends[piece]!) pieces.push(piece);
  return pieces;
}
