import { SCORING } from '../augment/augment.js';
import type { Config } from '../config/schema.js';
import { keepsOutputs } from '../config/schedule.js';
import { EMBEDDING } from '../normalize/embeddingSpace.js';
import { CLASSIFYING } from '../normalize/mentionClassifier.js';
import { PAIRING } from '../train/sentenceEncoder.js';
import { CODING } from './evaluateCodes.js';
import { CODED, EVALUATING } from './evaluateRun.js';
import { ENCODING } from './frozenEncoder.js';
import { TEACHING } from './teach.js';
import { TRAINING } from './trainRun.js';

/** The phases of a run by its config, in order: those of codes only where its corpus has any. */
export function phasesOf(config: Config): string[] {
  const { data, augmentation, training, normalization } = config;
  const { classifier, embedding } = normalization;
  const mayHaveCodes = data.norm !== 'none' || data.codes !== null;
  const phases: [string, boolean][] = [
    [SCORING, augmentation.labels.length > 0 && augmentation.corpus === null],
    [TEACHING, training.teacher.runs.length > 0],
    [ENCODING, keepsOutputs(config)],
    [TRAINING, true],
    [PAIRING, mayHaveCodes && embedding.weight > 0 && embedding.training.epochs > 0],
    [CLASSIFYING, mayHaveCodes && classifier.weight > 0],
    [EMBEDDING, mayHaveCodes && embedding.weight > 0],
    [EVALUATING, true],
    [CODED, mayHaveCodes],
    [CODING, mayHaveCodes],
  ];
  return phases.flatMap(([name, comes]) => (comes ? [name] : []));
}
