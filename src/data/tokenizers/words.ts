import { bertPreTokenizer, Tokenizer as Pipeline, WordPiece } from 'tokenizers';
import { firstFrom } from '../sorted.js';
import { encodeAll, lazily } from './encodeAll.js';
import type { Encoded } from './tokenizer.js';
import { normalizer } from './normalizer.js';

/** Offsets of words in order, as code points, end exclusive. */
export interface Words {
  wordStarts: Int32Array;
  wordEnds: Int32Array;
}

/** Gives the words that BERT's pre-tokenizer makes of each text. */
export function wordSplitter(): (texts: readonly string[]) => Promise<Words[]> {
  const pipeline = lazily(() => {
    const onlyUnknown = new Pipeline(WordPiece.init({ '[UNK]': 0 }, { unkToken: '[UNK]' })); // a word, a piece
    onlyUnknown.setNormalizer(normalizer({ lowercase: false }));
    onlyUnknown.setPreTokenizer(bertPreTokenizer());
    return onlyUnknown;
  });
  return (texts) =>
    encodeAll(pipeline(), texts, (encoding) => {
      const offsets = encoding.getOffsets();
      return {
        wordStarts: Int32Array.from(offsets, ([start]) => start!),
        wordEnds: Int32Array.from(offsets, ([, end]) => end!),
      };
    });
}

/** Encodes texts, the words that pieces are of found by offset. */
export function wordMapper(pipeline: () => Pipeline): (texts: readonly string[]) => Promise<Encoded[]> {
  const wordsOf = wordSplitter();
  return async (texts) => {
    const words = await wordsOf(texts);
    return encodeAll(pipeline(), texts, (encoding, i) => {
      const offsets = encoding.getOffsets();
      const pieces = {
        ids: Int32Array.from(encoding.getIds()),
        starts: Int32Array.from(offsets, ([start]) => start!),
        ends: Int32Array.from(offsets, ([, end]) => end!),
      };
      return mapToWords(pieces, words[i]!);
    });
  };
}

/**
 * Gives each piece the words that its characters are of. White space that a piece has taken along does not
 * count, nor does a piece without characters. Words that no piece overlaps are left out.
 */
export function mapToWords(
  { ids, starts, ends }: Pick<Encoded, 'ids' | 'starts' | 'ends'>,
  all: Words,
): Encoded {
  const first = new Int32Array(ids.length).fill(-1);
  const last = new Int32Array(ids.length).fill(-1);
  const firstPieceOf = new Int32Array(all.wordStarts.length).fill(-1);
  for (let piece = 0; piece < ids.length; piece++) {
    const [start, end] = [starts[piece]!, ends[piece]!];
    const from = firstFrom(all.wordEnds, start + 1); // the first word that ends after the start
    const to = firstFrom(all.wordStarts, end) - 1; // the last one that starts before the end
    if (start >= end || from > to) continue;
    first[piece] = from;
    last[piece] = to;
    for (let word = from; word <= to; word++) if (firstPieceOf[word]! < 0) firstPieceOf[word] = piece;
  }
  const kept = [...firstPieceOf.keys()].filter((word) => firstPieceOf[word]! >= 0);
  const numberOf = new Int32Array(firstPieceOf.length);
  kept.forEach((word, number) => (numberOf[word] = number));
  const renumbered = (word: number) => (word < 0 ? -1 : numberOf[word]!);
  return {
    ids,
    starts,
    ends,
    words: first.map(renumbered),
    lastWords: last.map(renumbered),
    wordStarts: Int32Array.from(kept, (word) => all.wordStarts[word]!),
    wordEnds: Int32Array.from(kept, (word) => all.wordEnds[word]!),
    firstPieces: Int32Array.from(kept, (word) => firstPieceOf[word]!),
  };
}
