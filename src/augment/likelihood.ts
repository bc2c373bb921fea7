import type * as tf from '@tensorflow/tfjs-core';
import { take } from '../backend/take.js';
import { eagerly, type Compiler, type Fed } from '../compile/compile.js';
import type { Context } from '../context.js';
import { chunksOf, paddedSentence } from '../data/batches.js';
import type { Tokenizer } from '../data/tokenizers/tokenizer.js';
import { InputError } from '../errors.js';
import { encoderInputs, onEngine } from '../model/inputs.js';
import {
  logProbabilities,
  openMaskedLm,
  POSITIONS_AT_ONCE,
  type MaskedLm,
  type OpenedMaskedLm,
} from '../model/maskedLm.js';
import { compilerHere } from '../ops/compiler.js';
import {
  excerptsOf,
  LONGEST,
  range,
  wordEnd,
  type Excerpt,
  type ExcerptOptions,
  type SpanRequest,
} from './excerpt.js';

/**
 * pseudo: each piece is masked in turn (Salazar et al. 2020). pseudoWord: with it what follows of its word, so
 * that a word's own pieces do not give it away (Kauf & Ivanova 2023). onePass: nothing is masked.
 */
export type ScoringMethod = 'pseudo' | 'pseudoWord' | 'onePass';

export interface SpanScore {
  /** Which of the requests. */
  index: number;
  /** Mean log-probability of the pieces scored. */
  score: number;
  pieces: number;
}

export interface ScoringOptions {
  method: ScoringMethod;
  /** Pieces on either side of the span that are scored; Infinity: the whole sentence. */
  window: number;
  /**
   * both: the span and the window. window: what is around the span alone, in view of the span. edge: that and
   * the span's first word; so the span's length, and how its words follow from each other, do not count.
   */
  scored: ExcerptOptions['scored'];
}

export interface SpanScorer {
  score(requests: readonly SpanRequest[]): AsyncIterable<SpanScore>;
  dispose(): void;
}

/** Pieces that are computed together, padding included. */
const BATCH_PIECES = 1024;

/** A scorer with the masked language model of a folder. The engine must have been started. */
export async function openScorer(
  folder: string,
  options: ScoringOptions,
  context: Pick<Context, 'notice'>,
  vocabulary?: string | null,
): Promise<SpanScorer> {
  const compiler = compilerHere(context);
  const lm = await openMaskedLm(folder, { vocabulary });
  const dispose = () => {
    compiler?.dispose();
    lm.dispose();
  };
  return { score: (requests) => scoreSpans(lm, lm.tokenizer, requests, { ...options, compiler }), dispose };
}

/**
 * Scores sentences by how likely the model finds the span and its surroundings. Rows are computed in blocks whose shape follows
 * from a sentence's length: so a score is the same to the bit, whatever else is asked for, or known by then. It comes
 * as soon as it is there, the longest sentence's first, so they are out of order.
 * @param options.compiler runs blocks as single calls, all of them, for the two ways differ in the last bits; a shape's first
 * block takes three times as long for that. Op by op without it
 * @throws InputError where the vocabulary is not the model's, or a span holds no piece
 */
export async function* scoreSpans(
  lm: MaskedLm & Pick<OpenedMaskedLm, 'tensors'>,
  tokenizer: Tokenizer,
  requests: readonly SpanRequest[],
  options: ScoringOptions & { batchPieces?: number; compiler?: Compiler },
): AsyncGenerator<SpanScore> {
  const { method, window, scored, batchPieces = BATCH_PIECES } = options;
  checkVocabulary(lm, tokenizer, method === 'onePass' ? null : `scoring by ${method}`);
  const limits = { window, scored, mostPieces: Math.min(LONGEST, lm.config.positions) };
  const excerpts = await excerptsOf(tokenizer, requests, limits);
  const sums = excerpts.map(() => 0);
  const left = excerpts.map((excerpt) => excerpt.scored.length);
  for (const block of blocksOf(excerpts, { method, batchPieces, ...limits })) {
    const values = await compute(lm, tokenizer, block, options.compiler);
    for (const [at, index] of block.rows.flatMap(({ index, asked }) => asked.map(() => index)).entries()) {
      sums[index]! += values[at]!;
      const pieces = excerpts[index]!.scored.length;
      if (--left[index]! === 0) yield { index, score: sums[index]! / pieces, pieces };
    }
  }
}

/** A sentence, with some positions masked and some asked for. */
interface Row {
  index: number;
  excerpt: Excerpt;
  masked: number[];
  asked: number[];
}

/** Rows that are computed together: padded to `seq` pieces, and filled up to `size` rows. */
interface Block {
  rows: Row[];
  size: number;
  seq: number;
  /** Positions that are asked for, of all rows. */
  asked: number;
}

function rowsOf(excerpt: Excerpt, index: number, method: ScoringMethod): Row[] {
  if (method === 'onePass') return [{ index, excerpt, masked: [], asked: excerpt.scored }];
  return excerpt.scored.map((position) => {
    const end = method === 'pseudo' ? position + 1 : wordEnd(excerpt, position);
    return { index, excerpt, masked: range(position, end), asked: [position] };
  });
}

/** From the longest sentence to the shortest: what is left never takes longer than it seems. */
function* blocksOf(
  excerpts: readonly Excerpt[],
  options: { method: ScoringMethod; batchPieces: number; mostPieces: number },
): Generator<Block> {
  const { method, batchPieces, mostPieces } = options;
  const seqOf = ({ ids }: Excerpt) => paddedSentence(ids.length, mostPieces);
  const byLength = [...excerpts.keys()].sort((a, b) => excerpts[b]!.ids.length - excerpts[a]!.ids.length);
  for (const seq of new Set(byLength.map((index) => seqOf(excerpts[index]!)))) {
    const own = byLength.filter((index) => seqOf(excerpts[index]!) === seq);
    const all = own.flatMap((index) => rowsOf(excerpts[index]!, index, method));
    const size = Math.min(POSITIONS_AT_ONCE, Math.max(1, Math.floor(batchPieces / seq)));
    for (const rows of chunksOf(all, size)) {
      const asked = rows.reduce((sum, row) => sum + row.asked.length, 0);
      const filled = method === 'onePass' ? Math.ceil(asked / POSITIONS_AT_ONCE) * POSITIONS_AT_ONCE : size;
      yield { rows, size, seq, asked: filled };
    }
  }
}

/** Log-probabilities of the pieces asked for, row by row; then those of what fills the block. */
async function compute(
  lm: MaskedLm & Pick<OpenedMaskedLm, 'tensors'>,
  { pad, mask }: Tokenizer,
  { rows, size, seq, asked: count }: Block,
  compiler: Compiler | undefined,
): Promise<Float32Array> {
  const ids = new Int32Array(size * seq).fill(pad);
  const lengths = new Int32Array(size).fill(1);
  const positions = new Int32Array(count);
  const pieces = new Int32Array(count);
  let at = 0;
  for (const [row, { excerpt, masked, asked }] of rows.entries()) {
    ids.set(excerpt.ids, row * seq);
    lengths[row] = excerpt.ids.length;
    for (const position of masked) ids[row * seq + position] = mask;
    for (const position of asked) {
      positions[at] = row * seq + position;
      pieces[at++] = excerpt.ids[position]!;
    }
  }
  const inputs = {
    ...encoderInputs({ ids, lengths }),
    positions: { values: positions, shape: [count] },
    pieces: { values: pieces, shape: [count] },
    tensors: lm.tensors,
  };
  const work = ({ positions, pieces, ...fed }: Fed<typeof inputs>) =>
    logProbabilities(
      lm,
      { ...onEngine(fed), batch: size, seq },
      positions as tf.Tensor1D,
      pieces as tf.Tensor1D,
    );
  const key = `${size} x ${seq}, ${count}`;
  return take(compiler ? compiler.step(key, inputs, work, false) : eagerly(inputs, work));
}

/** @param masking what needs [MASK], if anything does. @throws InputError where the vocabulary is not the model's */
export function checkVocabulary(lm: MaskedLm, tokenizer: Tokenizer, masking: string | null): void {
  const { vocabularySize } = lm.config;
  if (tokenizer.size > vocabularySize)
    throw new InputError(
      `The vocabulary has ${tokenizer.size} pieces, but the masked language model's table has ${vocabularySize} ` +
        'rows: they belong to different models; give both from one folder',
    );
  if (masking !== null && tokenizer.mask < 0)
    throw new InputError(`The vocabulary has no [MASK], which ${masking} needs: give that of a BERT`);
}
