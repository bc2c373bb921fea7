import { ratiosOf, type Ratios } from './scores.js';

export interface TokenScores {
  micro: Ratios;
  channels: Ratios[];
}

/** Precision, recall and F1 of each channel, and micro over all of them. */
export function tokenScores(counts: {
  truePositives: ArrayLike<number>; // [channels]
  falsePositives: ArrayLike<number>; // [channels]
  falseNegatives: ArrayLike<number>; // [channels]
}): TokenScores {
  const { truePositives, falsePositives, falseNegatives } = counts;
  const channels = Array.from(truePositives, (right, channel) =>
    ratiosOf({
      truePositives: right,
      falsePositives: falsePositives[channel]!,
      falseNegatives: falseNegatives[channel]!,
    }),
  );
  const sum = (values: ArrayLike<number>) => Array.from(values).reduce((total, value) => total + value, 0);
  return {
    micro: ratiosOf({
      truePositives: sum(truePositives),
      falsePositives: sum(falsePositives),
      falseNegatives: sum(falseNegatives),
    }),
    channels,
  };
}

/** The sums of what several documents have. */
export function sumDecisions(
  documents: readonly { truePositives: number[]; falsePositives: number[]; falseNegatives: number[] }[],
) {
  const sum = (of: 'truePositives' | 'falsePositives' | 'falseNegatives') =>
    (documents[0]?.[of] ?? []).map((_, i) => documents.reduce((total, one) => total + one[of][i]!, 0));
  return {
    truePositives: sum('truePositives'),
    falsePositives: sum('falsePositives'),
    falseNegatives: sum('falseNegatives'),
  };
}
