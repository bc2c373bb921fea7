import type { WordOffsets } from './labels.js';
import type { Encoded } from './tokenizers/tokenizer.js';

/**
 * What can be labelled apart: a word, or neighbouring words that begin in one piece. Offsets are those of the first
 * word's start and the last word's end.
 */
export interface Units extends WordOffsets {
  wordStarts: Int32Array; // [units]
  wordEnds: Int32Array; // [units]
  /** The piece that stands for each unit: the first of its words. Ascending. */
  pieces: Int32Array; // [units]
}

/** The units of a text, in order. */
export function unitsOf({
  words,
  lastWords,
  wordStarts,
  wordEnds,
}: Pick<Encoded, 'words' | 'lastWords' | 'wordStarts' | 'wordEnds'>): Units {
  const units: { piece: number; first: number; last: number }[] = [];
  let begun = 0; // words that a unit has already
  for (let piece = 0; piece < words.length; piece++) {
    const last = lastWords[piece]!;
    if (last < begun) continue;
    units.push({ piece, first: Math.max(begun, words[piece]!), last });
    begun = last + 1;
  }
  return {
    wordStarts: Int32Array.from(units, ({ first }) => wordStarts[first]!),
    wordEnds: Int32Array.from(units, ({ last }) => wordEnds[last]!),
    pieces: Int32Array.from(units, ({ piece }) => piece),
  };
}
