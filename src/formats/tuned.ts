import { z } from 'zod';
import { recordOf } from '../files/recordOf.js';
import { calibration1 } from './calibration.js';
import type { StoredFormat } from './stored.js';

const name = z.string();
const count = z.int().min(0);
const share = z.number().min(0).max(1);
const change = z.number().min(-1).max(1);
const scores = z.object({ precision: share, recall: share, f1: share });
const figures = z.object({
  count,
  /** The expected calibration error of the scores, and of those calibrated on other documents. */
  before: share,
  after: share,
});

/** What calibrated scores are worth. */
export type CalibrationFigures = z.output<typeof figures>;

const row = z.object({
  gold: count,
  /** By the run's own thresholds, and by those tuned on other documents. */
  before: scores,
  after: scores,
  /** After less before, with its interval: value, low, high. */
  change: z.object({
    precision: z.tuple([change, change, change]),
    recall: z.tuple([change, change, change]),
    f1: z.tuple([change, change, change]),
  }),
  /** Of what the thresholds find; where its scores were calibrated. */
  calibration: figures.optional(),
});

const tuned1 = z.object({
  format: z.literal(1),
  objective: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('f1') }),
    z.object({ kind: z.literal('precision'), recall: share }),
  ]),
  /** Names of the runs whose documents were tuned on; how many these were. */
  runs: z.array(name),
  documents: count,
  /** In place of `decoding.thresholds`. */
  thresholds: recordOf(name, share),
  /** In place of `decoding.calibration` and `decoding.codeCalibration`, where scores were calibrated. */
  method: z.enum(['temperature', 'isotonic']).nullable().default(null),
  calibration: recordOf(name, calibration1).default({}),
  codeCalibration: calibration1.nullable().default(null),
  /** Of the best code of each gold mention. */
  codes: figures.optional(),
  /** How the gain was estimated. */
  estimate: z.object({ parts: count, level: share, resamples: count, seed: z.int() }),
  /** By task: all labels together, and each; `kept`: the thresholds stay as they were, since those tuned may gain nothing. */
  tasks: recordOf(
    name,
    z.object({ kept: z.boolean().default(false), all: row, labels: recordOf(name, row) }),
  ),
});

/** Thresholds that were tuned on documents that a run, or runs of folds, did not train on. */
export type TunedThresholds = z.output<typeof tuned1>;

/** tuned.json in the folder of a run. */
export const tunedFormat: StoredFormat<TunedThresholds> = {
  what: 'tuned thresholds',
  advice: 'write it again with meddoprof tune, or remove it',
  versions: { 1: tuned1 },
};
