import * as tf from '@tensorflow/tfjs-core';
import { tidy } from '../ops/tidy.js';

/** Numbers of the layer inside of a gate. */
const GATE_UNITS = 64;

/** Parameters of a gate, on the engine. */
export type GateWeights<T = tf.Tensor> = Record<'inner' | 'innerBias' | 'outer' | 'outerBias', T>;

/** What tells windows in which there is nothing by the outputs of a lower layer. */
export interface Gate {
  layer: number;
  /** Least score of a window that is read to its end. */
  threshold: number;
  weights: GateWeights;
}

/** Their shapes on outputs of a layer of so many numbers. */
export function gateShapes(hidden: number, units = GATE_UNITS): GateWeights<number[]> {
  return { inner: [units, hidden], innerBias: [units], outer: [1, units], outerBias: [1] };
}

/**
 * How likely each piece is to stand inside of a span, as a gate tells by what a lower layer puts out: a logit of hidden
 * [n, hidden] → [n]. Float32, and made of ops that the tape knows: the gate learns by it.
 */
export function gateLogits(
  hidden: tf.Tensor,
  { inner, innerBias, outer, outerBias }: GateWeights,
): tf.Tensor1D {
  return tf.tidy(() => {
    const x = tf.relu(tf.add(tf.matMul(hidden as tf.Tensor2D, inner as tf.Tensor2D, false, true), innerBias)); // [n, units]
    const logits = tf.matMul(x as tf.Tensor2D, outer as tf.Tensor2D, false, true); // [n, 1]
    return tf.reshape(tf.add(logits, outerBias), [-1]);
  });
}

/** Less than any logit: of a window in which no piece is scored. */
const NONE = -1e30;

/** The score of windows, which is that of their best piece: logits [batch*seq], real (1 or 0) likewise → [batch]. */
export function windowScores(
  logits: tf.Tensor,
  real: tf.Tensor,
  { batch, seq }: { batch: number; seq: number },
): tf.Tensor {
  return tidy(() => {
    const scored = tf.add(tf.mul(logits, real), tf.mul(tf.sub(1, real), NONE));
    return tf.max(tf.reshape(scored, [batch, seq]), 1);
  });
}
