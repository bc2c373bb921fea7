import type { Reached } from '../context.js';
import { randomFrom } from '../data/random.js';
import { AT_ONCE } from './bootstrap.js';
import { countsAt, sumDocuments, type DocumentCounts } from './documentCounts.js';
import { ratiosOf } from './scores.js';

/** In which documents two systems exchange their outputs: 1 for each that does, [count, documents]. */
export interface Exchanges {
  count: number;
  documents: number;
  exchanged: Uint8Array;
}

/** Draws exchanges: every document with probability one half, independently. */
export function drawExchanges(documents: number, count: number, seed: number): Exchanges {
  const random = randomFrom(seed);
  const exchanged = new Uint8Array(count * documents);
  for (let i = 0; i < exchanged.length; i++) exchanged[i] = random.int(2);
  return { count, documents, exchanged };
}

/**
 * Approximate randomisation: whether two systems differ in F1 by more than exchanging their outputs document
 * by document does. Where a system has several runs, its output for a document is the mean of their counts:
 * the runs of one document go together, since their mistakes are alike, and systems may have unequal
 * numbers of runs. The statistic is the difference of the F1 of these counts; two-sided.
 * @param reached told how many exchanges are done
 * @returns per row the share of the exchanges, the original one among them, with a difference as great
 * @see Noreen, Computer-Intensive Methods for Testing Hypotheses, 1989; Yeh, COLING 2000
 */
export async function randomisationTest(
  first: readonly DocumentCounts[],
  second: readonly DocumentCounts[],
  { count, documents, exchanged }: Exchanges,
  reached?: Reached,
): Promise<Float64Array> {
  // F1 does not change with the scale of counts: times the other's number of runs, means are whole numbers.
  const a = scaledSum(first, second.length);
  const b = scaledSum(second, first.length);
  const { rows } = a;
  const total = sumDocuments(joinedSum(a, b));
  const observed = differences(sumDocuments(a), total, rows);
  const asGreat = new Float64Array(rows).fill(1);
  const width = rows * 3;
  const sums = new Float64Array(width);
  for (let exchange = 0; exchange < count; exchange++) {
    sums.fill(0);
    for (let document = 0; document < documents; document++) {
      const { counts } = exchanged[exchange * documents + document] ? b : a;
      const at = document * width;
      for (let i = 0; i < width; i++) sums[i]! += counts[at + i]!;
    }
    const found = differences(sums, total, rows);
    for (let row = 0; row < rows; row++) if (found[row]! >= observed[row]! - ROUNDING) asGreat[row]! += 1;
    if ((exchange + 1) % AT_ONCE === 0 || exchange + 1 === count) await reached?.(exchange + 1);
  }
  return asGreat.map((times) => times / (count + 1));
}

/** Differences that are the same but for the rounding of F1 are ties. */
const ROUNDING = 1e-12;

/** |F1 of `sums` - F1 of what is left of the total|, per row. */
function differences(sums: Float64Array, total: Float64Array, rows: number): Float64Array {
  const rest = total.map((value, i) => value - sums[i]!);
  return Float64Array.from({ length: rows }, (_, row) =>
    Math.abs(ratiosOf(countsAt(sums, row)).f1 - ratiosOf(countsAt(rest, row)).f1),
  );
}

function scaledSum(runs: readonly DocumentCounts[], factor: number): DocumentCounts {
  const counts = runs[0]!.counts.map((_, i) => factor * runs.reduce((sum, run) => sum + run.counts[i]!, 0));
  return { ...runs[0]!, counts };
}

function joinedSum(a: DocumentCounts, b: DocumentCounts): DocumentCounts {
  return { ...a, counts: a.counts.map((value, i) => value + b.counts[i]!) };
}
