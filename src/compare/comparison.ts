import type { PublishedRow } from '../experiment/schema.js';

/**
 * Variants side by side: what `meddoprof compare` shows, and --json prints as it is. Scores are shares
 * from 0 to 1, on the documents that all runs hold out, or all folds together.
 */
export interface Comparison {
  format: 1;
  /** Name of the variant that the others are held against. */
  baseline: string;
  /** Where it was read now, the SHA-256 of its files, how many documents it has. */
  corpus: { folder: string; hash: string; documents: number };
  /** How many documents are scored. */
  validation: number;
  /** How many folds are taken together; null where one model of each run is scored on all. */
  folds: number | null;
  /** The tracks: each task of the config with its labels; `norm`, without labels, where there are codes. */
  tracks: { track: string; labels: string[] }[];
  /** In the order in which they were named. */
  variants: ComparedVariant[];
  /** Figures of others, as they were printed. */
  published: PublishedRow[];
  /** How intervals and tests were computed. */
  statistics: Statistics;
  /** Runs that were named, or are the experiment's, and are not compared: which, and why. */
  leftOut: string[];
}

/** Runs of one config, but for seeds and folds. */
export interface ComparedVariant {
  name: string;
  /** Those of the scores. */
  seeds: number[];
  /** One per seed, or per seed and fold. */
  runs: ComparedRun[];
  /** By track, and by label within it. */
  tracks: Record<string /*track*/, { all: ComparedScores; labels: Record<string, ComparedScores> }>;
}

/** A run of a variant. */
export interface ComparedRun {
  folder: string;
  seed: number;
  fold: number | null;
  /** Validation after each epoch; empty where no document validates. */
  curve: {
    epoch: number;
    step: number;
    seconds: number;
    isBest: boolean;
    f1: Record<string /*task*/, number>;
  }[];
  /** Seconds of training and validation; null where no epoch was done. */
  trainingSeconds: number | null;
  /** Seconds of the whole run, and the most memory that its process held; null where run.json does not say. */
  seconds: number | null;
  peakMemoryMiB: number | null;
}

/** Scores of a track or of one of its labels. */
export interface ComparedScores {
  /** Gold spans. */
  spans: number;
  precision: Estimate;
  recall: Estimate;
  f1: Estimate;
  /** Held against the baseline's; not for the baseline itself. */
  difference?: Difference;
}

/** A share from 0 to 1 over the seeds of a variant. */
export interface Estimate {
  /** In the order of the variant's seeds, the counts of all folds summed. */
  runs: number[];
  mean: number;
  /** Sample standard deviation over the seeds; null for one, which says nothing of it. */
  deviation: number | null;
  /** Bootstrap over documents, of the mean. */
  interval: [low: number, high: number];
}

/** Of F1: this variant's mean less the baseline's. */
export interface Difference {
  f1: number;
  /** Bootstrap over documents, the same ones for both. */
  interval: [low: number, high: number];
  /** Two-sided, of approximate randomisation over documents. */
  p: number;
  /** The same, corrected by Holm over all tests of the comparison. */
  adjusted: number;
}

/** How intervals and tests were computed. */
export interface Statistics {
  /** Share that the intervals cover. */
  level: number;
  resamples: number;
  permutations: number;
  seed: number;
  /** How many tests Holm's correction is over. */
  tests: number;
}
