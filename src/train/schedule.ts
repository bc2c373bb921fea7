import type { Config } from '../config/schema.js';
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
  const random = randomFrom(seed * 1000 + number + 1);
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

/** The rate at a step (from 0): it rises over the warm-up, then the epoch's own. */
export function rateAt(step: number, epochRate: number, warmupSteps: number): number {
  return epochRate * Math.min(1, (step + 1) / Math.max(1, warmupSteps));
}
