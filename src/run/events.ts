import type { Progress, TrainingEvent } from '../train/events.js';
import type { EvaluatedCodes } from './evaluateCodes.js';
import type { RunEvaluation } from './evaluateRun.js';

/** How much there is to do in a training. */
export interface TrainingWork {
  steps: number;
  epochs: number;
  /** Windows of the training documents, of a step, and of a validation. */
  windows: { training: number; step: number; validation: number };
}

/** What a run has come to. */
export interface RunResult {
  folder: string;
  progress: Progress;
  /** Of the documents that are held out: by task, and of the codes as `norm`. Empty where none are. */
  evaluation: RunEvaluation;
  /** Codes for the gold spans of the documents that are scored. */
  codes?: EvaluatedCodes;
}

/** The training begins; a step or an epoch of it is done, `seconds` after its beginning; the run is done. */
export type RunEvent =
  | { kind: 'begin'; work: TrainingWork }
  | (TrainingEvent & { seconds: number })
  | { kind: 'end'; result: RunResult };
