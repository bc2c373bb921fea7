import type { Config } from './schema.js';
import type { Epoch } from './sections/training.js';

/** The epochs of a run, written out: `training.schedule` as it is, or the shorthand `training.epochs`. */
export function expandSchedule({
  schedule,
  epochs,
  rateDecay,
}: Pick<Config['training'], 'schedule' | 'epochs' | 'rateDecay'>): Epoch[] {
  if (schedule) return schedule;
  const decay = rateDecay === 'epochs' ? epochs.decay : 1;
  return Array.from({ length: epochs.count }, (_, epoch) => ({
    windows: epochs.pattern[epoch % epochs.pattern.length]!,
    rate: Number((epochs.rate * decay ** epoch).toPrecision(6)),
    frozen: epoch < (epochs.frozenEpochs ?? Infinity) ? epochs.frozen : [],
    negatives: epochs.negatives,
  }));
}

/** Whether the encoder's outputs stay as they are and are kept: frozen in every epoch, and its last one is all that is read. */
export function keepsOutputs({ training, model }: Pick<Config, 'training' | 'model'>): boolean {
  return training.cacheFrozen && !model.layerMix && isFrozen(training);
}

/** Whether the encoder is frozen in every epoch. */
export function isFrozen(training: Config['training']): boolean {
  return expandSchedule(training).every(({ frozen }) => frozen === 'encoder');
}
