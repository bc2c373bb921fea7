import type { Ratios, Scores } from '../eval/scores.js';

/** Per task: entity-wise scores by the official rules, and word-wise ratios per output. */
export interface Validation {
  tasks: Record<string, Scores>;
  words: Record<string /*output*/, Ratios>;
  /** Mean of the tasks' entity-wise F1: what decides which checkpoint is best. */
  f1: number;
}

/** How far a training has come: with the parameters, all that is needed to go on. */
export interface Progress {
  /** Number of the current epoch, from 0. */
  epoch: number;
  /** Steps done in the current epoch. */
  stepOfEpoch: number;
  /** Steps done in all. */
  step: number;
  best: { epoch: number; f1: number } | null;
  /** What the next log begins with, where the training was cut off between two. */
  unlogged?: Unlogged;
}

export const START: Progress = { epoch: 0, stepOfEpoch: 0, step: 0, best: null };

/** A step or an epoch is done. */
export type TrainingEvent = StepEvent | EpochEvent;

/** A step is done. */
export interface StepEvent {
  kind: 'step';
  progress: Progress;
  stepsOfEpoch: number;
  /** Learning rate of the encoder in this step. */
  rate: number;
  /** How many windows it was of. */
  windows: number;
  /** The interval since the last log, read from the device every `logSteps` steps. */
  log?: Logged;
  /** For a checkpoint here: the progress with what is not logged yet. Reads the device. */
  checkpoint(): Promise<Progress>;
}

/** An epoch is done, and validated. */
export interface EpochEvent {
  kind: 'epoch';
  /** As it is after the epoch. */
  progress: Progress;
  epoch: number;
  /** Undefined where no document validates: then the last epoch counts as the best so far. */
  validation?: Validation;
  isBest: boolean;
  /** `patience` epochs have passed without a better F1. */
  stopsEarly: boolean;
}

/** What steps have reported since the last log, on the host: a checkpoint between two logs keeps it. */
export interface Unlogged {
  steps: number;
  /** Of loss and gradient norm one number each, then per output [3 * channels]. */
  sums: number[][];
}

/** Means over some steps. */
export interface Logged {
  steps: number;
  loss: number;
  gradientNorm: number;
  /** Token-wise, per output. */
  tokens: Record<string, Ratios>;
}
