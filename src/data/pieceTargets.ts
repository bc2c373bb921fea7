import type { Encoded } from './tokenizers/tokenizer.js';

/**
 * The targets of pieces from those of words: a channel holds for a piece where it does for any of its words; a
 * piece without a word has none.
 * @param ofWords [words * channels]
 * @returns of pieces `start` to `end` - 1, [pieces * channels]
 */
export function pieceTargets(
  ofWords: Uint8Array,
  { words, lastWords }: Pick<Encoded, 'words' | 'lastWords'>,
  channels: number,
  start = 0,
  end = words.length,
): Uint8Array {
  const targets = new Uint8Array((end - start) * channels);
  for (let piece = start; piece < end; piece++) {
    if (words[piece]! < 0) continue;
    const to = (piece - start) * channels;
    for (let word = words[piece]!; word <= lastWords[piece]!; word++)
      for (let channel = 0; channel < channels; channel++)
        if (ofWords[word * channels + channel]) targets[to + channel] = 1;
  }
  return targets;
}
