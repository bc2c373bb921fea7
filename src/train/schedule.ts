import type { Config } from '../config/schema.js';
import { expandSchedule } from '../config/schedule.js';
import type { Epoch, Frozen } from '../config/sections/training.js';
import { randomFrom, type Random } from '../data/random.js';
import { bucketBatches } from '../data/batches.js';
import type { Window } from '../data/examples.js';
import type { Trainable } from '../model/part.js';

type Training = Config['training'];

/** Windows of a step. */
export function stepBatch({ batchSize, accumulate }: Pick<Training, 'batchSize' | 'accumulate'>): number {
  return batchSize * accumulate;
}

/** Which parts of an encoder of so many layers an epoch trains. */
export function trainableParts(frozen: Frozen, layers: number): Trainable {
  const all = frozen === 'encoder';
  return {
    embeddings: !all && !frozen.includes('embeddings'),
    layers: Array.from({ length: layers }, (_, layer) => !all && !frozen.includes(layer)),
  };
}

/** What the batches of an epoch are drawn from, which must stay what it is: a run that was cut off draws them again. */
export function epochSeed(seed: number, epoch: number): number {
  return seed * 1000 + epoch + 1;
}

/**
 * The batches of an epoch. They depend on the seed and the epoch's number alone, so that a run that was
 * cut off can draw them again.
 */
export function epochBatches(
  windows: readonly Window[],
  epoch: Pick<Epoch, 'windows' | 'negatives'>,
  number: number,
  { seed, batchSize }: { seed: number; batchSize: number },
): Window[][] {
  const random = randomFrom(epochSeed(seed, number));
  return bucketBatches(epochWindows(windows, epoch, random), batchSize, random);
}

/** The windows that any epoch takes, in their order. */
export function scheduledWindows(
  windows: readonly Window[],
  schedule: readonly Epoch[],
  options: { seed: number; batchSize: number },
): Window[] {
  const taken = new Set<Window>();
  for (const [number, epoch] of schedule.entries()) {
    if (taken.size === windows.length) break;
    for (const batch of epochBatches(windows, epoch, number, options))
      for (const window of batch) taken.add(window);
  }
  return windows.filter((window) => taken.has(window));
}

/** How many windows an epoch takes. */
export function countWindows(
  windows: readonly Window[],
  epoch: Pick<Epoch, 'windows' | 'negatives'>,
): number {
  return epochWindows(windows, epoch, randomFrom(0)).length;
}

function epochWindows(
  windows: readonly Window[],
  { windows: kind, negatives }: Pick<Epoch, 'windows' | 'negatives'>,
  random: Random,
): Window[] {
  const positive = windows.filter((window) => window.positive);
  if (kind === 'positive') return positive;
  const rest = windows.filter((window) => !window.positive);
  if (negatives === 1) return [...windows];
  return [...positive, ...random.shuffle(rest).slice(0, Math.round(rest.length * negatives))];
}

/** How many steps each epoch takes. */
export function plannedSteps(
  windows: readonly Window[],
  schedule: readonly Epoch[],
  options: Pick<Training, 'batchSize' | 'accumulate'>,
): number[] {
  return schedule.map((epoch) => Math.ceil(countWindows(windows, epoch) / stepBatch(options)));
}

/** That the warm-up is longer than the training, in a sentence; or nothing. */
export function noticesOfWarmUp(windows: readonly Window[], training: Training): string[] {
  const steps = plannedSteps(windows, expandSchedule(training), training).reduce(
    (all, count) => all + count,
    0,
  );
  if (training.warmupSteps <= steps) return [];
  return [
    `The rate rises over training.warmupSteps, ${training.warmupSteps.toLocaleString('en')}, and the training has ${steps.toLocaleString('en')} steps: it ends before the rate is there. A tenth of the steps is usual.`,
  ];
}

/** How rates move within an epoch. */
export interface RateOptions extends Pick<Training, 'warmupSteps' | 'rateDecay'> {
  /** Steps of the whole training, as it was planned. */
  steps: number;
}

/** The rate at a step (from 0): over the warm-up it rises to the epoch's own; then it is what `rateLeft` leaves of that. */
export function rateAt(step: number, epochRate: number, options: RateOptions): number {
  const risen = Math.min(1, (step + 1) / Math.max(1, options.warmupSteps));
  return epochRate * risen * rateLeft(step, options);
}

/**
 * What is left at a step of an epoch's rate, 0 to 1: all of it until the warm-up ends, nothing after the last step, as in
 * `get_linear_schedule_with_warmup` and `get_cosine_schedule_with_warmup` of transformers.
 */
export function rateLeft(step: number, { warmupSteps, rateDecay, steps }: RateOptions): number {
  if (rateDecay === 'epochs' || step < warmupSteps) return 1;
  const done = Math.min(1, (step - warmupSteps) / Math.max(1, steps - warmupSteps));
  return rateDecay === 'linear' ? 1 - done : (1 + Math.cos(Math.PI * done)) / 2;
}
