import { InputError } from '../errors.js';
import { makeBatch, type Batch } from './batches.js';
import { startsWord } from './cutWindows.js';
import { groupBy } from './groupBy.js';
import type { Random } from './random.js';
import type { Encoded, Tokenizer } from './tokenizers/tokenizer.js';
import type { Window } from './examples.js';

export interface MaskingOptions {
  /** Share of a window's pieces that is to be guessed. */
  share: number;
  /** All pieces of a word, or none. */
  wholeWords: boolean;
  /** Pieces that may stand in the place of another. */
  pieces: Int32Array;
  /** Pieces of the longest window, with those before and after it. */
  positions: number;
}

/** Windows side by side, some of whose pieces are to be guessed. As many positions for every batch of its shape. */
export interface MaskedWindows {
  batch: number;
  seq: number;
  ids: Int32Array; // [batch * seq]
  lengths: Int32Array; // [batch]
  positions: Int32Array; // [masked]: row of the batch * seq + column
  labels: Int32Array; // [masked]: what stood there
  weights: Uint8Array; // [masked]: 1, or 0 for those that only fill up
  /** How many count. */
  masked: number;
}

/**
 * Hides pieces as BERT's authors do (Devlin et al. 2019, A.1): words are drawn until `share` of a window's pieces is
 * reached, of a word that is longer than what is left none. Of ten pieces drawn eight are [MASK], one is another
 * piece, one stays. Pieces without a word are never drawn.
 */
export function maskWindows(
  windows: readonly Window[],
  texts: readonly { encoded: Encoded }[],
  tokenizer: Pick<Tokenizer, 'cls' | 'sep' | 'pad' | 'mask'>,
  { share, wholeWords, pieces, positions: most }: MaskingOptions,
  random: Random,
): MaskedWindows {
  const examples = texts.map(({ encoded }) => ({ name: '', text: '', encoded, targets: [], spans: {} }));
  const { batch, seq, ids, lengths } = makeBatch(windows, examples, tokenizer, { mostPieces: most });
  const budget = (count: number) => Math.max(1, Math.round(share * count));
  const room = batch * budget(seq - 2);
  const positions = new Int32Array(room);
  const labels = new Int32Array(room);
  let masked = 0;
  for (const [row, { document, start, end }] of windows.entries()) {
    const { words } = texts[document]!.encoded;
    const inWords = Array.from({ length: end - start }, (_, i) => start + i).filter((i) => words[i]! >= 0);
    const units = wholeWords ? [...groupBy(inWords, (i) => words[i]!).values()] : inWords.map((i) => [i]);
    let left = budget(end - start);
    for (const unit of random.shuffle(units)) {
      if (unit.length > left) continue;
      left -= unit.length;
      for (const piece of unit) {
        const at = row * seq + 1 + piece - start;
        positions[masked] = at;
        labels[masked++] = ids[at]!;
        const draw = random.next();
        if (draw < 0.8) ids[at] = tokenizer.mask;
        else if (draw < 0.9) ids[at] = pieces[random.int(pieces.length)]!;
      }
    }
  }
  const weights = new Uint8Array(room).fill(1, 0, masked);
  return { batch, seq, ids, lengths, positions, labels: labels.fill(tokenizer.cls, masked), weights, masked };
}

/** @throws InputError where the vocabulary has no piece that stands for a hidden one, which an option asks for */
export function checkMask({ mask, file }: Pick<Tokenizer, 'mask' | 'file'>, option: string): void {
  if (mask < 0)
    throw new InputError(
      `${option} needs a piece that stands for a hidden one, and ${file} has none: take another model`,
    );
}

/**
 * Hides words of a batch, each with the probability `share`: `mask` in the place of all its pieces (words that share a
 * piece are hidden together). What they are labelled stays.
 */
export function hideWords(
  { windows, seq, ids }: Pick<Batch, 'windows' | 'seq' | 'ids'>,
  examples: readonly { encoded: Encoded }[],
  { mask, share }: { mask: number; share: number },
  random: Random,
): void {
  for (const [row, { document, start, end }] of windows.entries()) {
    const { encoded } = examples[document]!;
    let isHidden = false;
    for (let piece = start; piece < end; piece++) {
      if (encoded.words[piece]! < 0) continue;
      if (piece === start || startsWord(encoded, piece)) isHidden = random.next() < share;
      if (isHidden) ids[row * seq + 1 + piece - start] = mask;
    }
  }
}
