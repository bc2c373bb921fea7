import type { DocumentCounts } from '../../src/eval/documentCounts.js';
import { randomFrom } from '../../src/data/random.js';

/** Counts from nested lists: [documents][rows][3]. */
export function countsFrom(documents: number[][][]): DocumentCounts {
  return {
    documents: documents.length,
    rows: documents[0]!.length,
    counts: Int32Array.from(documents.flat(2)),
  };
}

/** Counts of a run that finds a share of what there is, drawn from a seed. */
export function drawnCounts(seed: number, { documents = 20, rows = 3, skill = 70 } = {}): DocumentCounts {
  const gold = randomFrom(7);
  const random = randomFrom(seed);
  return countsFrom(
    Array.from({ length: documents }, () =>
      Array.from({ length: rows }, () => {
        const spans = gold.int(5);
        const found = Array.from({ length: spans }, () => random.int(100)).filter((n) => n < skill).length;
        return [found, random.int(2), spans - found];
      }),
    ),
  );
}
