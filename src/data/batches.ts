import type { Example, Labeller, TargetTensor, Window } from './examples.js';
import type { Random } from './random.js';
import { scoredOf } from './windows.js';
import type { Tokenizer } from './tokenizers/tokenizer.js';

/** Windows side by side, ready to become tensors. Rows are [CLS], the pieces, [SEP], padding. */
export interface Batch {
  windows: Window[];
  batch: number;
  seq: number;
  /** [batch * seq] */
  ids: Int32Array;
  /** [batch] pieces with [CLS] and [SEP] */
  lengths: Int32Array;
  /** [batch * seq] 1 on pieces of words that are scored, 0 on others, [CLS], [SEP], padding and pieces without a word */
  real: Uint8Array;
  /** what the labeller made of them */
  targets: TargetTensor[];
}

const seqMultiple = 16;

/** How windows are put into a batch. */
export interface BatchOptions {
  /** Without it the batch has no targets. */
  labeller?: Pick<Labeller, 'batchTargets'>;
  /** Where the rounding up of rows ends: the encoder's positions; 512 by default. */
  mostPieces?: number;
  /** Length of every row; else the longest window's, rounded up to a multiple of 16. */
  padTo?: number;
}

/**
 * Puts windows into one batch.
 * @throws RangeError when a window is longer than `padTo`
 */
export function makeBatch(
  windows: readonly Window[],
  examples: readonly Example[],
  tokenizer: Pick<Tokenizer, 'cls' | 'sep' | 'pad'>,
  { labeller, padTo, mostPieces }: BatchOptions = {},
): Batch {
  const lengths = Int32Array.from(windows, rowLength);
  const longest = lengths.reduce((most, length) => Math.max(most, length), 0);
  const seq = padTo ?? paddedLength(windows, mostPieces);
  if (longest > seq) throw new RangeError(`a window of ${longest} pieces does not fit into ${seq}`);

  const ids = new Int32Array(windows.length * seq).fill(tokenizer.pad);
  const real = new Uint8Array(windows.length * seq);
  for (const [row, window] of windows.entries()) {
    const { document, start, end } = window;
    const { encoded } = examples[document]!;
    const first = row * seq;
    ids[first] = tokenizer.cls;
    ids.set(encoded.ids.subarray(start, end), first + 1);
    ids[first + 1 + end - start] = tokenizer.sep;
    const scored = scoredOf(window);
    for (let piece = scored.start; piece < scored.end; piece++)
      if (encoded.words[piece]! >= 0) real[first + 1 + piece - start] = 1;
  }
  const labelled = windows.map((window) => ({ ...examples[window.document]!, ...window }));
  const targets = labeller?.batchTargets(labelled, seq) ?? [];
  return { windows: [...windows], batch: windows.length, seq, ids, lengths, real, targets };
}

/**
 * Draws the batches of an epoch: every window once, windows of like length together, the order of batches
 * and of windows within one length random. Only the batch with the longest windows may be smaller.
 */
export function bucketBatches(windows: readonly Window[], batchSize: number, random: Random): Window[][] {
  const rounded = (window: Window) => roundUp(window.end - window.start + 2);
  const byLength = random.shuffle(windows).sort((a, b) => rounded(a) - rounded(b));
  return random.shuffle(chunksOf(byLength, batchSize));
}

/** In order, `size` at a time; the last may be smaller. */
export function chunksOf<T>(all: readonly T[], size: number): T[][] {
  return Array.from({ length: Math.ceil(all.length / size) }, (_, i) => all.slice(i * size, (i + 1) * size));
}

/** Whether at least `least` batches of these have a batch's shape: windows, and what they are padded to. */
export function frequentShapes(
  batches: readonly (readonly Window[])[],
  least: number,
  mostPieces?: number,
): (batch: Pick<Batch, 'batch' | 'seq'>) => boolean {
  const shapes = batches.map((windows) => ({
    batch: windows.length,
    seq: paddedLength(windows, mostPieces),
  }));
  return frequent(shapes, ({ batch, seq }) => `${batch} ${seq}`, least);
}

/** Whether at least `least` of these have the key of one. */
export function frequent<T>(
  all: readonly T[],
  keyOf: (one: T) => string,
  least: number,
): (one: T) => boolean {
  const counts = new Map<string, number>();
  for (const one of all) counts.set(keyOf(one), (counts.get(keyOf(one)) ?? 0) + 1);
  return (one) => (counts.get(keyOf(one)) ?? 0) >= least;
}

/** What `makeBatch` pads the rows of these windows to. */
function paddedLength(windows: readonly Window[], mostPieces = 512): number {
  const longest = windows.reduce((most, window) => Math.max(most, rowLength(window)), 0);
  return Math.max(longest, Math.min(mostPieces, roundUp(longest)));
}

/** A window's pieces with [CLS] and [SEP]. */
function rowLength({ start, end }: Window): number {
  return end - start + 2;
}

/** What a sentence's pieces are padded to: few shapes, and little padding in short ones. */
export function paddedSentence(pieces: number, mostPieces: number): number {
  return Math.min(mostPieces, Math.ceil(pieces / SENTENCE_MULTIPLE) * SENTENCE_MULTIPLE);
}

const SENTENCE_MULTIPLE = 4;

function roundUp(pieces: number): number {
  return Math.ceil(pieces / seqMultiple) * seqMultiple;
}
