import type * as tf from '@tensorflow/tfjs-core';
import type { Config } from '../../config/schema.js';
import type { CandidateSpan, FoundSpan } from '../../data/document.js';
import type { Example, Labeller, Targets } from '../../data/examples.js';
import type { Output } from '../../data/labels.js';
import type { Encoded } from '../../data/tokenizers/tokenizer.js';
import type { WindowRange } from '../../data/windows.js';
import type { Gradients, ParameterSpec, Weights } from '../part.js';

/** What the head sees of a batch. n = batch*seq. */
export interface HeadInput {
  features: tf.Tensor; // [n, width]
  batch: number;
  seq: number;
  /** [batch]: pieces of each window with those before and after it. */
  lengths: Int32Array | tf.Tensor;
}

export interface HeadBatch extends HeadInput {
  real: tf.Tensor; // [n, 1]: 1 on pieces of the text that belong to a word
  /** Real pieces that the loss is averaged over: those of all parts of a step. */
  pieces: number | tf.Tensor; // []
  /** Windows that the loss is averaged over: those of all parts of a step. */
  windows: number | tf.Tensor; // []
  /** What the head's `batchTargets` gave, on the device. */
  targets: tf.Tensor[];
  /** What labels count in the loss, where it is not 1. */
  labelWeights?: Readonly<Record<string, number>>;
}

export interface HeadStep {
  loss: tf.Tensor; // []
  /** By output: true positives, false positives, false negatives [3, …] of what is counted while training. */
  counts: tf.Tensor[];
  /** Of the head's parameters. */
  gradients: Gradients;
  features: tf.Tensor; // [n, width], the gradient
}

export type Decoding = Config['decoding'];

/** Right and wrong decisions of an output on a document, by whatever the head tells apart. */
export interface Decisions {
  truePositives: number[];
  falsePositives: number[];
  falseNegatives: number[];
}

/** Before any is counted, of so many things that are told apart. */
export function noDecisions(width: number): Decisions {
  const none = () => Array<number>(width).fill(0);
  return { truePositives: none(), falsePositives: none(), falseNegatives: none() };
}

/**
 * What makes spans of features: its parameters, what it learns from, its loss, and how its numbers become spans. The
 * rest of the program sees opaque targets, opaque scores, and counts.
 *
 * A document's scores are arrays of numbers whose mean over several models is a model's: probabilities, or potentials.
 */
export interface Head extends Labeller {
  /** What is found, by task or jointly; logs are named after them. */
  outputs: readonly Output[];
  parameters: ParameterSpec[];
  /** Loss of a batch, and its gradients. */
  step(batch: HeadBatch, weights: Weights): HeadStep;
  /**
   * A document's targets with what is learned in their place: `weight` times the probabilities by the scores that
   * teachers give it and the rest of the labels; without scores the labels alone, in the same form. A head without it has no
   * such targets.
   */
  soften?(targets: Targets, scores: readonly Float32Array[] | undefined, weight: number): Targets;
  /** What a batch's windows are decoded from, on the device. */
  predict(input: HeadInput, weights: Weights): tf.Tensor[];
  /** Gathers a document's scores from its windows, which come in any order. */
  collect(encoded: Encoded, windows: readonly WindowRange[], decoding: Decoding): Collector;
  /**
   * Spans by task, sorted by start, then end. A span's score is the probability that the head itself gives it: sigmoid:
   * the mean over its words of that to be in a span of the label; crf: that just these words are one, over all paths;
   * spans: the pair's.
   */
  decode(scores: readonly Float32Array[], encoded: Encoded, decoding: Decoding): Record<string, FoundSpan[]>;
  /** The spans that thresholds from `least` on give in place of those of `decoding`, whatever overlaps, likewise. */
  candidates(
    scores: readonly Float32Array[],
    encoded: Encoded,
    least: number,
    decoding: Decoding,
  ): Record<string, CandidateSpan[]>;
  /** What of these documents it cannot learn or find, a sentence each. */
  notices?(examples: readonly Example[]): string[];
  /** By output, against what `targetsOf` gave for the document. */
  count(
    scores: readonly Float32Array[],
    targets: readonly ArrayLike<number>[],
    encoded: Encoded,
  ): Decisions[];
}

export interface Collector {
  /** Takes window `number`, which is row `row` of a batch; `outputs` are what `predict` gave, on the host. */
  add(number: number, row: number, seq: number, outputs: readonly Float32Array[]): void;
  scores(): Float32Array[];
}
