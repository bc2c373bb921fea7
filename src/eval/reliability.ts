import type { Scored } from './calibrate.js';

/** What has a score in one tenth of those from 0 to 1. */
export interface ReliabilityBin {
  count: number;
  /** Mean of the scores. */
  score: number;
  /** Share that is right, with Wilson's interval at 95 %. */
  right: number;
  interval: [low: number, high: number];
}

/** How far scores are shares of what is right. */
export interface Reliability {
  count: number;
  /** The expected calibration error: the mean, over all, of the distance of a bin's share to its mean score. */
  error: number;
  /** Those that hold something, in ascending order. */
  bins: ReliabilityBin[];
}

const BINS = 10;

/**
 * The reliability of scores in ten bins of equal width; the first also holds 0.
 * @see Naeini, Cooper and Hauskrecht, Obtaining Well Calibrated Probabilities Using Bayesian Binning, 2015
 */
export function reliabilityOf(scored: readonly Scored[]): Reliability {
  const binned = Array.from({ length: BINS }, (): Scored[] => []);
  for (const one of scored) binned[Math.max(0, Math.ceil(one.score * BINS) - 1)]!.push(one);
  const bins = binned.filter(({ length }) => length > 0).map(binOf);
  const error = bins.reduce((sum, { count, score, right }) => sum + count * Math.abs(right - score), 0);
  return { count: scored.length, error: scored.length === 0 ? 0 : error / scored.length, bins };
}

function binOf(scored: readonly Scored[]): ReliabilityBin {
  const count = scored.length;
  const right = scored.filter((one) => one.right).length;
  return {
    count,
    score: scored.reduce((sum, { score }) => sum + score, 0) / count,
    right: right / count,
    interval: wilson(right, count),
  };
}

/** The normal quantile that leaves 2.5 % above. */
const Z = 1.959963984540054;

/** @see Wilson, Probable Inference, the Law of Succession, and Statistical Inference, 1927 */
function wilson(right: number, count: number): [number, number] {
  const share = right / count;
  const spread =
    (Z * Math.sqrt((share * (1 - share) + (Z * Z) / (4 * count)) / count)) / (1 + (Z * Z) / count);
  const middle = (share + (Z * Z) / (2 * count)) / (1 + (Z * Z) / count);
  return [Math.max(0, middle - spread), Math.min(1, middle + spread)];
}
