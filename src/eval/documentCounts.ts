import type { Counts, Scores } from './scores.js';
import { scoreNorm, type NormEntry } from './norm.js';
import { scoreSpans, type SpansByDocument } from './spans.js';
import { groupBy } from '../data/groupBy.js';

/**
 * What was right and wrong in each document: the official counts are sums over documents, so these are all
 * that resampling documents needs.
 */
export interface DocumentCounts {
  documents: number;
  /** A track, and each of its labels. */
  rows: number;
  /** True positives, false positives, false negatives: [documents, rows, 3] */
  counts: Int32Array;
}

/** The three of `DocumentCounts`, in their order. */
const KINDS = ['truePositives', 'falsePositives', 'falseNegatives'] as const;

/** Counts of `scoreSpans`, document by document: one row of all labels, then one of each. */
export function spanCounts(
  gold: SpansByDocument,
  predicted: SpansByDocument,
  labels: readonly string[],
): DocumentCounts {
  return countsOf(
    [...gold].map(([name, spans]) => {
      const scores = scoreSpans(new Map([[name, spans]]), predicted, labels);
      return [scores, ...labels.map((label) => scores.perLabel[label]!)];
    }),
  );
}

/** Counts of `scoreNorm`, document by document, in one row. */
export function normCounts(
  documents: readonly string[],
  gold: readonly NormEntry[],
  predicted: readonly NormEntry[],
  validCodes?: ReadonlySet<string>,
): DocumentCounts {
  const goldOf = byDocument(gold);
  const predictedOf = byDocument(predicted);
  const score = (name: string): Scores =>
    scoreNorm(goldOf.get(name) ?? [], predictedOf.get(name) ?? [], validCodes);
  return countsOf(documents.map((name) => [score(name)]));
}

/** Side by side: the rows of all, document by document. */
export function joinCounts(parts: readonly DocumentCounts[]): DocumentCounts {
  const documents = parts[0]!.documents;
  const rows = parts.reduce((sum, part) => sum + part.rows, 0);
  const counts = new Int32Array(documents * rows * 3);
  for (let document = 0, at = 0; document < documents; document++)
    for (const part of parts) {
      const width = part.rows * 3;
      counts.set(part.counts.subarray(document * width, (document + 1) * width), at);
      at += width;
    }
  return { documents, rows, counts };
}

/** Sums over documents, each taken `times[document]` times, or once: [rows, 3] */
export function sumDocuments({ documents, rows, counts }: DocumentCounts, times?: Uint16Array): Float64Array {
  const width = rows * 3;
  const sums = new Float64Array(width);
  for (let document = 0; document < documents; document++) {
    const weight = times ? times[document]! : 1;
    if (weight === 0) continue;
    const at = document * width;
    for (let i = 0; i < width; i++) sums[i]! += weight * counts[at + i]!;
  }
  return sums;
}

/** The counts of a row of sums. */
export function countsAt(sums: ArrayLike<number>, row: number): Counts {
  const at = row * 3;
  return { truePositives: sums[at]!, falsePositives: sums[at + 1]!, falseNegatives: sums[at + 2]! };
}

function countsOf(documents: Counts[][]): DocumentCounts {
  const rows = documents[0]?.length ?? 0;
  const counts = Int32Array.from(
    documents.flatMap((row) => row.flatMap((one) => KINDS.map((kind) => one[kind]))),
  );
  return { documents: documents.length, rows, counts };
}

const byDocument = (rows: readonly NormEntry[]) => groupBy(rows, ({ filename }) => filename);
