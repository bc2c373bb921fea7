import type { Encoded } from '../../../data/tokenizers/tokenizer.js';
import { unitsOf } from '../../../data/units.js';
import { scoredOf, type WindowRange } from '../../../data/windows.js';
import type { Collector } from '../head.js';

/** A pair of units stands at (first * longest + last - first) * labels + label. */
export function pairIndex(first: number, last: number, longest: number): number {
  return first * longest + last - first;
}

/**
 * Gathers the probabilities of a document's pairs [units * longest * labels] from its windows; 0 for what is in no
 * window. A pair is decided by the window in which it has most context: the smaller of the numbers of pieces before its
 * first and after its last unit's piece is largest. The ends of the document count as no limit; in a tie the earlier
 * window decides. A window's outputs are, by output of the model, the two of `PairParts`.
 * @param labels how many each output has
 */
export function collectPairs(
  encoded: Encoded,
  windows: readonly WindowRange[],
  labels: readonly number[],
  longest: number,
): Collector {
  const { pieces } = unitsOf(encoded);
  const best = bestWindows(pieces, windows, encoded.ids.length, longest);
  const probabilities = labels.map((count) => new Float32Array(best.length * count));
  return {
    add(number, row, seq, values) {
      const window = windows[number]!;
      const { start } = window;
      for (const { first, last } of pairsWithin(pieces, window, longest)) {
        const pair = pairIndex(first, last, longest);
        if (best[pair] !== number) continue;
        const [i, j] = [1 + pieces[first]! - start, 1 + pieces[last]! - start];
        labels.forEach((count, output) => {
          const [products, ends] = [values[2 * output]!, values[2 * output + 1]!];
          const product = products[(row * seq + i) * seq + j]!;
          const ofFirst = (row * seq + i) * 2 * count;
          const ofLast = (row * seq + j) * 2 * count + count;
          for (let label = 0; label < count; label++) {
            const score = product + (ends[ofFirst + label]! + ends[ofLast + label]!) / 2;
            probabilities[output]![pair * count + label] = 1 / (1 + Math.exp(-score));
          }
        });
      }
    },
    scores: () => probabilities,
  };
}

/** [units * longest]: the number of the window that decides each pair, -1 where none holds it. */
function bestWindows(
  pieces: Int32Array,
  windows: readonly WindowRange[],
  pieceCount: number,
  longest: number,
): Int32Array {
  const best = new Int32Array(pieces.length * longest).fill(-1);
  const most = new Float32Array(best.length).fill(-1);
  for (const [number, window] of windows.entries())
    for (const { first, last } of pairsWithin(pieces, window, longest)) {
      const { start, end } = window;
      const before = start === 0 ? Infinity : pieces[first]! - start;
      const after = end === pieceCount ? Infinity : end - 1 - pieces[last]!;
      const context = Math.min(before, after);
      const pair = pairIndex(first, last, longest);
      if (context <= most[pair]!) continue;
      most[pair] = context;
      best[pair] = number;
    }
  return best;
}

/** The pairs of at most `longest` units of which a window scores the first, and reads the last. */
function* pairsWithin(
  pieces: Int32Array,
  window: WindowRange,
  longest: number,
): Generator<{ first: number; last: number }> {
  const scored = scoredOf(window);
  let from = 0;
  while (from < pieces.length && pieces[from]! < scored.start) from++;
  for (let first = from; first < pieces.length && pieces[first]! < scored.end; first++)
    for (
      let last = first;
      last < pieces.length && last - first < longest && pieces[last]! < window.end;
      last++
    )
      yield { first, last };
}
