import { ratiosOf, type Ratios } from './scores.js';

/** Counts of right and wrong decisions per channel of a head, summed over pieces. */
export interface TokenCounts {
  truePositives: Float64Array; // [channels]
  falsePositives: Float64Array; // [channels]
  falseNegatives: Float64Array; // [channels]
}

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

export function noTokenCounts(channels: number): TokenCounts {
  return {
    truePositives: new Float64Array(channels),
    falsePositives: new Float64Array(channels),
    falseNegatives: new Float64Array(channels),
  };
}

/** Adds a batch: a decision is positive where its probability is at least `threshold`. */
export function addTokens(
  counts: TokenCounts,
  batch: {
    probabilities: ArrayLike<number>; // [pieces * channels]
    targets: ArrayLike<number>; // [pieces * channels]
    /** Which pieces count; all by default. */
    real?: ArrayLike<number>; // [pieces]
  },
  threshold = 0.5,
): void {
  const channels = counts.truePositives.length;
  const { probabilities, targets, real } = batch;
  for (let i = 0; i < targets.length; i++) {
    if (real && !real[Math.floor(i / channels)]) continue;
    const predicted = probabilities[i]! >= threshold;
    const channel = i % channels;
    if (predicted && targets[i]) counts.truePositives[channel]!++;
    else if (predicted) counts.falsePositives[channel]!++;
    else if (targets[i]) counts.falseNegatives[channel]!++;
  }
}
