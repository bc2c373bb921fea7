import type { FoundSpan } from './document.js';

/**
 * What makes a score the share of such spans that are right: a temperature that its logit is divided by, or the points
 * [score, share] of a curve, in ascending order, straight between them and level beyond.
 */
export type Calibration = number | [score: number, share: number][];

/** The least distance from 0 and 1 at which a float32 near 1 stands: nearer scores are taken for it. */
const NEAREST = 1e-7;

/** A calibrated score; without a calibration the score itself. */
export function calibrated(score: number, calibration: Calibration | undefined): number {
  if (calibration === undefined) return score;
  if (typeof calibration === 'number') return 1 / (1 + Math.exp(-logit(score) / calibration));
  const next = calibration.findIndex(([at]) => at >= score);
  const [high, most] = calibration.at(next)!; // beyond the last point: that
  if (next <= 0) return most;
  const [low, least] = calibration[next - 1]!;
  return Math.min(1, least + ((most - least) * (score - low)) / (high - low)); // roundings may add up to more
}

/** The log odds of a score, that of 0 and 1 bounded. */
export function logit(score: number): number {
  const bounded = Math.min(1 - NEAREST, Math.max(NEAREST, score));
  return Math.log(bounded / (1 - bounded));
}

/** The share of each in the sum of exp(score): 1 together. */
export function sharesOf(scores: readonly number[]): number[] {
  const most = Math.max(...scores);
  const powers = scores.map((score) => Math.exp(score - most));
  const total = powers.reduce((sum, power) => sum + power, 0);
  return powers.map((power) => power / total);
}

/** Spans by task with the scores calibrated of those labels that have a calibration. */
export function calibratedSpans(
  spans: Record<string, FoundSpan[]>,
  calibrations: Readonly<Record<string, Calibration>>,
): Record<string, FoundSpan[]> {
  if (Object.keys(calibrations).length === 0) return spans;
  const of = (label: string) => (Object.hasOwn(calibrations, label) ? calibrations[label] : undefined);
  return Object.fromEntries(
    Object.entries(spans).map(([task, found]) => [
      task,
      found.map((span) => ({ ...span, score: calibrated(span.score, of(span.label)) })),
    ]),
  );
}
