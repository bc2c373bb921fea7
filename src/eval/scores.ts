/** What was right and what was not. */
export interface Counts {
  truePositives: number;
  falsePositives: number;
  falseNegatives: number;
}

/** Shares from 0 to 1, exact; 0 where there is nothing to divide by. */
export interface Ratios extends Counts {
  precision: number;
  recall: number;
  f1: number;
}

/** Micro scores over all labels, and those of each label. `semantics` says exactly what was computed. */
export interface Scores extends Ratios {
  semantics: string;
  perLabel: Record<string, Ratios>;
}

/** Sums the counts of labels into micro scores. */
export function scoresOf(semantics: string, perLabel: ReadonlyMap<string, Counts>): Scores {
  return {
    semantics,
    ...ratiosOf(sumCounts(perLabel.values())),
    perLabel: Object.fromEntries([...perLabel].map(([label, counts]) => [label, ratiosOf(counts)])),
  };
}

/**
 * Precision, recall and F1 in the official scorer's order of operations, so that they agree to the last
 * bit. What would divide by zero is 0.
 */
export function ratiosOf({ truePositives, falsePositives, falseNegatives }: Counts): Ratios {
  const precision = ratio(truePositives, truePositives + falsePositives);
  const recall = ratio(truePositives, truePositives + falseNegatives);
  const f1 = ratio(2 * precision * recall, precision + recall);
  return { precision, recall, f1, truePositives, falsePositives, falseNegatives };
}

/** Mean F1 of the labels that occur in the gold or in the predictions; 0 where none does. */
export function macroF1(perLabel: Record<string, Ratios>): number {
  const present = Object.values(perLabel).filter(
    (counts) => counts.truePositives + counts.falsePositives + counts.falseNegatives > 0,
  );
  return ratio(
    present.reduce((sum, { f1 }) => sum + f1, 0),
    present.length,
  );
}

export function noCounts(): Counts {
  return { truePositives: 0, falsePositives: 0, falseNegatives: 0 };
}

/** The counts of several labels together. */
export function sumCounts(all: Iterable<Counts>): Counts {
  const sum = noCounts();
  for (const counts of all) {
    sum.truePositives += counts.truePositives;
    sum.falsePositives += counts.falsePositives;
    sum.falseNegatives += counts.falseNegatives;
  }
  return sum;
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}
