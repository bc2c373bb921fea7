import { z } from 'zod';
import { recordOf } from '../files/recordOf.js';
import type { StoredFormat } from './stored.js';

const share = z.number().min(0).max(1);
const scores = z.object({ precision: share, recall: share, f1: share });

const gate1 = z.object({
  format: z.literal(1),
  /** The layers that are computed of every window. */
  layer: z.int().min(1),
  /** [units, hidden], [units], [units], []: a piece's score is outer · relu(inner · state + innerBias) + outerBias. */
  inner: z.array(z.number()).min(1),
  innerBias: z.array(z.number()).min(1),
  outer: z.array(z.number()).min(1),
  outerBias: z.number(),
  /** Least score of a window's best piece with which the window is read to its end. */
  threshold: z.number(),
  /** The recall that no task may lose more of, and the documents by which the threshold was set. */
  loss: share,
  documents: z.int().min(0),
  /** On documents by which it was not set: the share of windows that is read, and scores without the gate and with it. */
  estimate: z.object({
    parts: z.int().min(1),
    seed: z.int(),
    windows: share,
    tasks: recordOf(z.string(), z.object({ before: scores, after: scores })),
  }),
});

/** What tells windows in which there is nothing by the outputs of a lower layer, and what it was found to cost. */
export type StoredGate = z.output<typeof gate1>;

/** gate.json in the folder of a checkpoint. */
export const gateFormat: StoredFormat<StoredGate> = {
  what: 'a gate',
  advice: 'make it again with meddoprof gate, or remove it',
  versions: { 1: gate1 },
};
