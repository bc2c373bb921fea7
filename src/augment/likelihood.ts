import * as tf from '@tensorflow/tfjs-core';
import { take } from '../backend/take.js';
import type { Tokenizer } from '../data/tokenizers/tokenizer.js';
import { InputError } from '../errors.js';
import { logProbabilities, openMaskedLm, type MaskedLm } from '../model/maskedLm.js';
import { tidy } from '../ops/tidy.js';
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

/** Pieces that are computed together. */
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
 * Scores sentences by how likely the model finds the span and its surroundings. Only rows of one sentence are
 * computed together: so its score is the same to the bit whatever else is asked for, or known by then. A score
 * comes as soon as it is there, the longest sentence's first, so they are out of order.
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
  for (const index of byLength) {
    const excerpt = excerpts[index]!;
    let sum = 0;
    for (const rows of batchesOf(excerpt, options))
      for (const value of await compute(lm, tokenizer, rows)) sum += value;
    const pieces = excerpt.scored.length;
    yield { index, score: sum / pieces, pieces };
  }
}

/** One row of a batch: a sentence, with some positions masked and some asked for. */
interface Row {
  excerpt: Excerpt;
  masked: number[];
  asked: number[];
}

function rowsOf(excerpt: Excerpt, method: ScoringMethod): Row[] {
  if (method === 'onePass') return [{ excerpt, masked: [], asked: excerpt.scored }];
  return excerpt.scored.map((position) => {
    const end = method === 'pseudo' ? position + 1 : wordEnd(excerpt, position);
    return { excerpt, masked: range(position, end), asked: [position] };
  });
}

/** The rows of a sentence, as many together as a batch may hold. */
function* batchesOf(
  excerpt: Excerpt,
  { method, batchPieces = BATCH_PIECES }: { method: ScoringMethod; batchPieces?: number },
): Generator<Row[]> {
  const rows = rowsOf(excerpt, method);
  const most = Math.max(1, Math.floor(batchPieces / excerpt.ids.length));
  for (let at = 0; at < rows.length; at += most) yield rows.slice(at, at + most);
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
