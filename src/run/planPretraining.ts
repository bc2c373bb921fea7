import type { Config } from '../config/schema.js';
import { isTrained } from '../model/part.js';
import { trainableParts } from '../train/schedule.js';
import { closePretraining, preparePretraining } from './preparePretraining.js';

export interface PretrainingPlan {
  texts: { training: number; heldOut: number };
  windows: { training: number; heldOut: number };
  /** Pieces that are told apart, of those of the vocabulary. */
  pieces: { inUse: number; all: number };
  layers: number;
  trainable: number;
  batchSize: number;
  steps: number;
  warmupSteps: number;
  rate: number;
  /** Layers of the teacher; null without one. */
  teacher: number | null;
}

/** What a pretraining of this config would do, without an engine: for `pretrain --dry-run`. */
export async function planPretraining(config: Config): Promise<PretrainingPlan> {
  const prepared = await preparePretraining(config);
  await closePretraining(prepared);
  const { encoder, specs, held, batches, whole } = prepared;
  const { rate, warmupShare, frozen, teacher } = config.pretraining;
  const parts = trainableParts(frozen, encoder.layers);
  const sizes = specs
    .filter((spec) => isTrained(spec, parts))
    .map(({ shape: [rows, ...rest], use }) =>
      rest.reduce((size, side) => size * side, use === 'words' ? held.ids.length : rows!),
    );
  return {
    texts: prepared.texts,
    windows: prepared.windows,
    pieces: { inUse: held.ids.length, all: held.rowOf.length },
    layers: encoder.layers,
    trainable: sizes.reduce((sum, size) => sum + size, 0),
    batchSize: config.training.batchSize,
    steps: batches.length,
    warmupSteps: Math.round(warmupShare * batches.length),
    rate,
    teacher: teacher > 0 ? whole.config.layers : null,
  };
}
