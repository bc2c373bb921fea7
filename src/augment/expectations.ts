import * as tf from '@tensorflow/tfjs-core';
import { take } from '../backend/take.js';
import type { Tokenizer } from '../data/tokenizers/tokenizer.js';
import { maskedLogits, openMaskedLm, type MaskedLm } from '../model/maskedLm.js';
import { tidy } from '../ops/tidy.js';
import { excerptsOf, LONGEST, wordEnd, type Excerpt, type SpanRequest } from './excerpt.js';
import { checkVocabulary } from './likelihood.js';

/** What a language model expects as the first word of a span in its sentence: the likeliest pieces. */
export interface Expectation {
  /** The likeliest first. */
  pieces: number[];
  probabilities: number[];
}

export interface ExpectationSource {
  compute(requests: readonly SpanRequest[]): AsyncIterable<Expectation & { index: number }>;
  dispose(): void;
}

/** Pieces that are kept of an expectation: nine tenths of it, on the whole. */
const KEPT = 500;

/** Expectations of the masked language model of a folder. The engine must have been started. */
export async function openExpectations(
  folder: string,
  vocabulary?: string | null,
): Promise<ExpectationSource> {
  const lm = await openMaskedLm(folder, { vocabulary });
  return { compute: (requests) => expectationsOf(lm, lm.tokenizer, requests), dispose: lm.dispose };
}

/**
 * For each span what the model expects instead of its first word, the rest of the span in view, in order of
 * length. Each is computed by itself: so it is the same to the bit whatever else is asked for, or known by then. @throws InputError where the vocabulary is not the model's, or a span holds no piece
 */
export async function* expectationsOf(
  lm: MaskedLm,
  tokenizer: Tokenizer,
  requests: readonly SpanRequest[],
): AsyncGenerator<Expectation & { index: number }> {
  checkVocabulary(lm, tokenizer, 'what is expected in a place');
  const limits = { window: 0, scored: 'both', mostPieces: Math.min(LONGEST, lm.config.positions) } as const;
  const rows = (await excerptsOf(tokenizer, requests, limits)).map((excerpt) =>
    maskFirst(excerpt, tokenizer),
  );
  const byLength = [...rows.keys()].sort((a, b) => rows[a]!.ids.length - rows[b]!.ids.length);
  for (const index of byLength) yield { index, ...(await compute(lm, rows[index]!)) };
}

/**
 * How alike two expectations are: the logarithm of what they share (the Bhattacharyya coefficient), 0 where
 * they are the same. Where the same words are expected, a verb in the third person or an activity's name, what
 * stands in the one place can stand in the other.
 */
export function likenessOf(a: Expectation, b: Expectation): number {
  const others = new Map(b.pieces.map((piece, i) => [piece, b.probabilities[i]!]));
  const shared = a.pieces.reduce(
    (sum, piece, i) => sum + Math.sqrt(a.probabilities[i]! * (others.get(piece) ?? 0)),
    0,
  );
  return Math.log(Math.max(shared, LEAST));
}

/** What is rarer is as good as nothing. */
const LEAST = 1e-4;

interface MaskedRow {
  ids: Int32Array;
  position: number;
}

/** The excerpt with one [MASK] in place of the span's first word. */
function maskFirst(excerpt: Excerpt, { mask }: Tokenizer): MaskedRow {
  const { ids, scored } = excerpt;
  const position = scored[0]!;
  const after = ids.subarray(wordEnd(excerpt, position));
  return { ids: Int32Array.of(...ids.subarray(0, position), mask, ...after), position };
}

async function compute(lm: MaskedLm, { ids, position }: MaskedRow): Promise<Expectation> {
  const kept = Math.min(KEPT, lm.config.vocabularySize);
  const best = tidy(() => {
    const lengths = Int32Array.of(ids.length);
    const input = { rows: tf.tensor1d(ids, 'int32'), lengths, batch: 1, seq: ids.length };
    const { values, indices } = tf.topk(tf.softmax(maskedLogits(lm, input, Int32Array.of(position))), kept); // [1, kept]
    return { values, indices };
  });
  const [values, indices] = [await take(best.values), await take(best.indices)];
  return { pieces: [...indices], probabilities: Array.from(values, (p) => Number(p.toPrecision(6))) };
}
