import type { Encoded } from './tokenizers/tokenizer.js';

/**
 * The targets of pieces from those of words: a channel holds for a piece where it does for any of its words, or as
 * much as it does for the one where it does most; a piece without a word has none.
 * @param ofWords [words * channels]
 * @returns of pieces `start` to `end` - 1, [pieces * channels]
 */
export function pieceTargets(
  ofWords: Uint8Array | Float32Array,
  { words, lastWords }: Pick<Encoded, 'words' | 'lastWords'>,
  channels: number,
  start = 0,
  end = words.length,
): Uint8Array | Float32Array {
  const size = (end - start) * channels;
  const targets = ofWords instanceof Float32Array ? new Float32Array(size) : new Uint8Array(size);
  for (let piece = start; piece < end; piece++) {
    if (words[piece]! < 0) continue;
    const to = (piece - start) * channels;
    for (let word = words[piece]!; word <= lastWords[piece]!; word++)
      for (let channel = 0; channel < channels; channel++)
        targets[to + channel] = Math.max(targets[to + channel]!, ofWords[word * channels + channel]!);
  }
  return targets;
}
