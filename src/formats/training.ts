import { z } from 'zod';
import { recordOf } from '../files/recordOf.js';
import type { StoredFormat } from './stored.js';

const name = z.string();
const count = z.int().min(0);

const training1 = z.object({
  format: z.literal(1),
  progress: z.object({
    epoch: count,
    stepOfEpoch: count,
    step: count,
    best: z.object({ epoch: count, f1: z.number() }).nullable(),
    /** Of loss and gradient norm one number each, then counts by output [3 * channels]. */
    unlogged: z
      .object({ steps: count, sums: z.array(z.array(z.number())) })
      .refine(
        ({ sums }) => sums.every(({ length }, i) => (i < 2 ? length === 1 : length > 0 && length % 3 === 0)),
        'these are no sums of loss, gradient norm and counts',
      )
      .optional(),
  }),
  /** How often each parameter was updated. */
  updates: recordOf(name, count),
});

/** How far a training had come, without its weights and moments. */
export type TrainingState = z.output<typeof training1>;

/** state.json in the folder of a checkpoint. */
export const trainingFormat: StoredFormat<TrainingState> = {
  what: 'the state of a training that could be resumed',
  advice: 'the checkpoint is damaged; start a new run, or put the file back',
  versions: { 1: training1 },
};

const pairing1 = z.object({ format: z.literal(1), steps: z.int(), updates: recordOf(name, z.int()) });

/** How far the training of a sentence encoder had come. */
export type PairingState = z.output<typeof pairing1>;

/** state.json of the training of a sentence encoder that was stopped. */
export const pairingFormat: StoredFormat<PairingState> = {
  what: 'the state of a training',
  advice: 'remove its folder, and it begins anew',
  versions: { 1: pairing1 },
};
