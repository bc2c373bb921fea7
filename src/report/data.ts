import type { Comparison } from '../compare/comparison.js';
import type { OutcomeCounts } from '../eval/analysis.js';
import type { CodeEvaluation } from '../eval/codes.js';
import type { Confusion } from '../eval/confusion.js';
import type { Reliability } from '../eval/reliability.js';
import type { Ratios } from '../eval/scores.js';
import type { PublishedRow } from '../experiment/schema.js';

/** All of a report that its page shows at once; the documents are beside it, because they are many. */
export type Summary = RunSummary | ComparisonSummary;

interface Made {
  title: string;
  /** Version of the program. */
  version: string;
  /** What it was made with and on: names and values for people. */
  facts: [name: string, value: string][];
  documents: { training: number; validation: number };
  published: PublishedRow[];
}

export interface RunSummary extends Made {
  kind: 'run';
  /** The tasks, then the codes, if there are any. */
  tracks: TrackSummary[];
  intervals: { level: number; resamples: number };
  /** How probable spans are to the model, and what that is worth; where it is kept. */
  probabilities?: TrackProbabilities[];
  learning: Learning;
  codes?: CodesSummary;
}

export interface ComparisonSummary extends Made {
  kind: 'comparison';
  comparison: Comparison;
  errors: VariantErrors[];
}

/** What became of the spans of a track: means over the runs of a variant. */
export interface VariantErrors {
  track: string;
  variant: string;
  outcomes: OutcomeCounts;
}

export interface TrackSummary {
  track: string;
  /** None for the codes. */
  labels: string[];
  semantics: string;
  all: Measured;
  perLabel: Record<string, Measured>;
  macroF1: number;
  outcomes: OutcomeCounts;
  /** Per label: none for the codes. */
  outcomesPerLabel: Record<string, OutcomeCounts>;
  confusion?: Confusion;
}

export interface TrackProbabilities {
  track: string;
  labels: LabelProbabilities[];
}

export interface LabelProbabilities {
  label: string;
  /** Of the spans that the run found. */
  reliability: Reliability;
  /** What thresholds find, in ascending order; absent where none decides. */
  curve?: ThresholdPoint[];
  /** At .5, as published; at the run's own where it is another one; at the tuned one where that is another one. */
  published?: ThresholdPoint;
  now?: ThresholdPoint;
  tuned?: ThresholdPoint;
}

export interface ThresholdPoint {
  threshold: number;
  found: number;
  precision: number;
  recall: number;
  f1: number;
}

export type Interval = [low: number, high: number];

export interface Measured extends Ratios {
  intervals: { precision: Interval; recall: Interval; f1: Interval };
}

/** How a run learned, and by which plan. */
export interface Learning {
  epochs: LearnedEpoch[];
  steps: LearnedStep[];
}

export interface LearnedEpoch {
  epoch: number;
  /** Steps done before it and after it. */
  from: number;
  to: number;
  windows: 'positive' | 'full';
  /** Share of the windows without an entity. */
  negatives: number;
  rate: number;
  /** Rate of the new layers. */
  headRate: number;
  /** What was not trained, in words. */
  frozen: string;
  /** Its checkpoint was the best so far. */
  isBest: boolean;
  /** Validation, entity-wise. */
  tasks: Record<string, number>;
  /** Validation, word-wise, by head. */
  words: Record<string, number>;
}

export interface LearnedStep {
  step: number;
  rate: number;
  loss: number;
  gradientNorm: number;
  /** F1 of the training windows, token-wise, by head. */
  tokens: Record<string, number>;
}

export interface CodesSummary {
  /** Codes for gold spans: only the code can be wrong. */
  gold: Omit<CodeEvaluation, 'confusions'>;
  confusions: CodeEvaluation['confusions'];
  /** Of the best code of each gold mention; where what spoke for it is kept. */
  reliability?: Reliability;
  /** Codes for predicted spans, by terminology and by whether training has the code. */
  groups: Record<string, Ratios>;
}

/** The documents with what was found in them. Offsets are code points. */
export interface Documents {
  tracks: { track: string; labels: string[] }[];
  /** Whose predictions there are: the run, or the variants of a comparison. */
  systems: string[];
  documents: ReportDocument[];
  /** Names of codes. */
  concepts: Record<string, string>;
  /** What spoke for the codes of mentions. */
  codings: MentionCoding[];
}

export interface ReportDocument {
  name: string;
  text: string;
  /** [tracks] */
  gold: ReportSpan[][];
  /** [systems][tracks] */
  predicted: ReportSpan[][][];
}

/**
 * `coding` is a place in the list of codings, for spans of the codes' track; `score` how probable a predicted span was to the
 * model, from 0 to 1, where that is kept.
 */
export type ReportSpan = [start: number, end: number, label: string, coding?: number | null, score?: number];

export interface MentionCoding {
  text: string;
  /** Codes that it may have, the best first, with their scores. */
  candidates: { code: string; score: number; exact: boolean }[];
  /** Texts that are nearest to it, and whose they are. */
  neighbours: { space: string; source: string; text: string; code: string; similarity: number }[];
}
