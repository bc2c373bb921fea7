import { z } from 'zod';
import { recordOf } from '../files/recordOf.js';
import { computed, type StoredFormat } from './stored.js';

const measured = z.object({
  /** Mean cross-entropy of a piece, among those in use; e to its power. */
  loss: computed,
  perplexity: computed,
  /** Pieces that were to be guessed. */
  pieces: z.int(),
});

const logged = z.object({ step: z.int(), rate: z.number(), loss: computed, distance: computed });

const report1 = z.object({
  format: z.literal(1),
  /** The pretrained folder, the layers that were taken of it, and what was changed. */
  weights: z.string(),
  layers: z.array(z.int()).nullable(),
  texts: z.object({ training: z.int(), heldOut: z.int() }),
  steps: z.int(),
  /** Of the texts that were kept back; null where there are none. */
  before: measured.nullable(),
  after: measured.nullable(),
  log: z.array(logged),
  seed: z.int(),
  versions: recordOf(z.string(), z.string()),
});

export type Measured = z.output<typeof measured>;
export type LoggedPretraining = z.output<typeof logged>;
export type PretrainingReport = z.output<typeof report1>;

/** pretraining.json in the folder that `pretrain` wrote. */
export const pretrainingFormat: StoredFormat<PretrainingReport> = {
  what: 'the report of a pretraining',
  advice: 'nothing else needs it',
  versions: { 1: report1 },
};

const state1 = z.object({
  format: z.literal(1),
  /** What all that it depends on is told apart by. */
  key: z.string(),
  steps: z.int(),
  updates: recordOf(z.string(), z.int()),
  before: measured.nullable(),
  log: z.array(logged),
});

export type PretrainingState = z.output<typeof state1>;

/** state.json of a pretraining that was stopped. */
export const pretrainingStateFormat: StoredFormat<PretrainingState> = {
  what: 'the state of a pretraining',
  advice: 'remove the folder, and it begins anew',
  versions: { 1: state1 },
};
