import * as tf from '@tensorflow/tfjs-core';
import { take } from '../backend/take.js';
import type { Tokenizer } from '../data/tokenizers/tokenizer.js';
import { InputError } from '../errors.js';
import { logProbabilities, openMaskedLm, type MaskedLm } from '../model/maskedLm.js';
import { tidy } from '../ops/tidy.js';
import { excerptsOf, LONGEST, range, wordEnd, type Excerpt, type ExcerptOptions } from './excerpt.js';

/**
 * pseudo: each piece is masked in turn (Salazar et al. 2020). pseudoWord: with it what follows of its word, so
 * that a word's own pieces do not give it away (Kauf & Ivanova 2023). onePass: nothing is masked.
 */
export type ScoringMethod = 'pseudo' | 'pseudoWord' | 'onePass';

/** A sentence with a span; offsets are code points, end exclusive. */
export interface SpanRequest {
  text: string;
  start: number;
  end: number;
}

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
  vocabulary?: string | null,
): Promise<SpanScorer> {
  const { lm, tokenizer, dispose } = await openLanguageModel(folder, vocabulary);
  return { score: (requests) => scoreSpans(lm, tokenizer, requests, options), dispose };
}

/** The masked language model of a folder, with the tokenizer of its vocabulary. */
export async function openLanguageModel(
  folder: string,
  vocabulary?: string | null,
): Promise<{ lm: MaskedLm; tokenizer: Tokenizer; dispose: () => void }> {
  const lm = await openMaskedLm(folder, { vocabulary });
  return { lm, tokenizer: lm.tokenizer, dispose: lm.dispose };
}

/**
 * Scores sentences by how likely the model finds the span and its surroundings. Sentences of like length are
 * computed together; a score comes as soon as it is there, so they are out of order.
 * @throws InputError where the vocabulary is not the model's, or a span holds no piece
 */
export async function* scoreSpans(
  lm: MaskedLm,
  tokenizer: Tokenizer,
  requests: readonly SpanRequest[],
  options: ScoringOptions & { batchPieces?: number },
): AsyncGenerator<SpanScore> {
  checkVocabulary(lm, tokenizer, options.method === 'onePass' ? null : `scoring by ${options.method}`);
  const { window, scored } = options;
  const limits = { window, scored, mostPieces: Math.min(LONGEST, lm.config.positions) };
  const excerpts = await excerptsOf(tokenizer, requests, limits);
  // The longest first: what is left never takes longer than it seems.
  const byLength = [...excerpts.keys()].sort((a, b) => excerpts[b]!.ids.length - excerpts[a]!.ids.length);
  const sums = new Float64Array(requests.length);
  const left = excerpts.map(({ scored }) => scored.length);
  for (const rows of batchesOf(rowsOf(excerpts, byLength, options.method), options.batchPieces)) {
    const values = await compute(lm, tokenizer, rows);
    let next = 0;
    for (const { index, asked } of rows) {
      for (let i = 0; i < asked.length; i++) sums[index]! += values[next++]!;
      left[index]! -= asked.length;
      if (left[index] === 0) {
        const pieces = excerpts[index]!.scored.length;
        yield { index, score: sums[index]! / pieces, pieces };
      }
    }
  }
}

/** One row of a batch: a sentence, with some positions masked and some asked for. */
interface Row {
  index: number;
  excerpt: Excerpt;
  masked: number[];
  asked: number[];
}

function* rowsOf(excerpts: Excerpt[], order: number[], method: ScoringMethod): Generator<Row> {
  for (const index of order) {
    const excerpt = excerpts[index]!;
    if (method === 'onePass') yield { index, excerpt, masked: [], asked: excerpt.scored };
    else
      for (const position of excerpt.scored) {
        const end = method === 'pseudo' ? position + 1 : wordEnd(excerpt, position);
        yield { index, excerpt, masked: range(position, end), asked: [position] };
      }
  }
}

/** Rows that come in order of length, as many together as their padding allows. */
function* batchesOf(rows: Iterable<Row>, batchPieces = BATCH_PIECES): Generator<Row[]> {
  let batch: Row[] = [];
  for (const row of rows) {
    if (batch.length > 0 && (batch.length + 1) * batch[0]!.excerpt.ids.length > batchPieces) {
      yield batch;
      batch = [];
    }
    batch.push(row);
  }
  if (batch.length > 0) yield batch;
}

/** Log-probabilities of the pieces asked for, row by row. */
async function compute(lm: MaskedLm, tokenizer: Tokenizer, rows: Row[]): Promise<Float32Array> {
  const seq = rows[0]!.excerpt.ids.length;
  const ids = new Int32Array(rows.length * seq).fill(tokenizer.pad);
  const positions: number[] = [];
  const pieces: number[] = [];
  for (const [row, { excerpt, masked, asked }] of rows.entries()) {
    ids.set(excerpt.ids, row * seq);
    for (const position of masked) ids[row * seq + position] = tokenizer.mask;
    for (const position of asked) {
      positions.push(row * seq + position);
      pieces.push(excerpt.ids[position]!);
    }
  }
  const lengths = Int32Array.from(rows, ({ excerpt }) => excerpt.ids.length);
  const output = tidy(() => {
    const input = { rows: tf.tensor1d(ids, 'int32'), lengths, batch: rows.length, seq };
    return logProbabilities(lm, input, Int32Array.from(positions), Int32Array.from(pieces));
  });
  return take(output);
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
