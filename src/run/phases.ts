import { SCORING } from '../augment/augment.js';
import type { Config } from '../config/schema.js';
import { EMBEDDING } from '../normalize/embeddingSpace.js';
import { expandSchedule } from '../train/schedule.js';
import { PAIRING } from '../train/sentenceEncoder.js';
import { EVALUATING } from './evaluateRun.js';
import { ENCODING } from './frozenEncoder.js';
import { TRAINING } from './trainRun.js';

/** The phases of a run by its config, in order: the last ones only where its corpus has codes. */
export function phasesOf({ augmentation, training, normalization: { embedding } }: Config): string[] {
  const isFrozen = expandSchedule(training).every(({ frozen }) => frozen === 'encoder');
  const phases: [string, boolean][] = [
    [SCORING, augmentation.labels.length > 0 && augmentation.corpus === null],
    [ENCODING, isFrozen && training.cacheFrozen],
    [TRAINING, true],
    [PAIRING, embedding.weight > 0 && embedding.training.epochs > 0],
    [EMBEDDING, embedding.weight > 0],
    [EVALUATING, true],
  ];
  return phases.flatMap(([name, comes]) => (comes ? [name] : []));
}
