import { calibrated, logit, type Calibration } from '../data/calibration.js';

/** Something that a model found, with the score that it gave it, from 0 to 1. */
export interface Scored {
  score: number;
  right: boolean;
}

/** How scores are calibrated. */
export const calibrationMethods = ['temperature', 'isotonic'] as const;
export type CalibrationMethod = (typeof calibrationMethods)[number];

/** What makes these scores shares of those that are right. There must be right and wrong ones among them. */
export function calibrate(scored: readonly Scored[], method: CalibrationMethod): Calibration {
  return method === 'temperature' ? temperature(scored) : isotonic(scored);
}

/** Natural logarithms of the greatest temperature, and of one over the least. */
const BOUND = 10;

/**
 * The temperature under which the scores are likeliest. The derivative of the log-likelihood by one over it only
 * falls, so that halving finds it.
 * @see Guo et al., On Calibration of Modern Neural Networks, 2017
 */
function temperature(scored: readonly Scored[]): number {
  const logits = scored.map(({ score, right }) => ({ value: logit(score), right: right ? 1 : 0 }));
  const slope = (beta: number) =>
    logits.reduce((sum, { value, right }) => sum + value * (right - 1 / (1 + Math.exp(-beta * value))), 0);
  let [low, high] = [-BOUND, BOUND];
  while (high - low > 1e-12) {
    const middle = (low + high) / 2;
    if (slope(Math.exp(middle)) > 0) low = middle;
    else high = middle;
  }
  return shown(Math.exp(-low));
}

/** Points of a curve with one score. */
interface Block {
  first: number;
  last: number;
  right: number;
  count: number;
}

/** The curve that only rises and is nearest to what is right, by least squares: neighbours that fall are pooled. */
function isotonic(scored: readonly Scored[]): [number, number][] {
  const blocks: Block[] = [];
  for (const { score, right } of [...scored].sort((a, b) => a.score - b.score)) {
    const one = { first: score, last: score, right: right ? 1 : 0, count: 1 };
    const before = blocks.at(-1);
    if (before?.last === score && before.first === score) Object.assign(before, joined(before, one));
    else blocks.push(one);
  }
  const rising: Block[] = [];
  for (let block of blocks) {
    while (rising.length > 0 && shareOf(rising.at(-1)!) >= shareOf(block))
      block = joined(rising.pop()!, block);
    rising.push(block);
  }
  return rising.flatMap((block) => {
    const share = shown(shareOf(block));
    const ends = block.first === block.last ? [block.first] : [block.first, block.last];
    return ends.map((score): [number, number] => [score, share]);
  });
}

const shareOf = ({ right, count }: Block) => right / count;

function joined(a: Block, b: Block): Block {
  return { first: a.first, last: b.last, right: a.right + b.right, count: a.count + b.count };
}

/** Fewer digits than what it is computed from knows. */
function shown(value: number): number {
  return Number(value.toPrecision(6));
}

/** Least right ones, and least wrong ones, that a calibration is made of. */
const LEAST = 10;

/** Whether there are enough right and wrong ones. */
export function canCalibrate(scored: readonly Scored[]): boolean {
  const right = scored.filter((one) => one.right).length;
  return right >= LEAST && scored.length - right >= LEAST;
}

/**
 * Scores as calibrations that never saw them give them: each of the parts is calibrated by the others. Where the others are
 * too few the scores stay.
 * @param parts the part of each
 */
export function crossCalibrated<S extends Scored>(
  scored: readonly S[],
  { parts, part }: { parts: number; part: (one: S) => number },
  calibrationOf: (others: readonly S[]) => Calibration | undefined,
): S[] {
  const ofParts = Array.from({ length: parts }, (_, i) =>
    calibrationOf(scored.filter((one) => part(one) !== i)),
  );
  return scored.map((one) => ({ ...one, score: calibrated(one.score, ofParts[part(one)]) }));
}
