import * as tf from '@tensorflow/tfjs-core';
import { tidy } from '../../../ops/tidy.js';

/** The pairs of a batch, 0 or 1. */
export interface Pairs {
  gold: tf.Tensor; // [batch, labels, seq, seq]
  /** Which can be spans; gold ones can. */
  valid: tf.Tensor; // [batch, 1, seq, seq]
}

/** Makes the exponential of whatever it is taken from 0. */
const FAR = 1e30;

/**
 * Multi-label categorical cross-entropy (Su et al. 2022, arXiv 2208.03054, eq. 5): for every window and label
 * log(1 + Σ exp(s) over the pairs that are no spans) + log(1 + Σ exp(-s) over those that are), times `share`, summed.
 * Finite for every finite score [batch, labels, seq, seq]. The tape has its gradient.
 */
export function pairLoss(scores: tf.Tensor, { gold, valid }: Pairs, share: tf.Tensor): tf.Tensor {
  const compute = tf.customGrad((...all) => {
    const [s, save] = all as unknown as [tf.Tensor, tf.GradSaveFunc];
    const others = tf.sub(valid, gold); // 1 for pairs that are no spans, 0 for spans and for what is neither
    const negative = logSumExp(tf.sub(s, tf.mul(tf.sub(1, others), FAR)));
    const positive = logSumExp(tf.neg(tf.add(s, tf.mul(tf.sub(1, gold), FAR))));
    save([negative.shares, positive.shares, share]);
    const value = tf.mul(tf.sum(tf.add(negative.value, positive.value)), share);
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]) =>
      tf.mul(tf.sub(saved[0]!, saved[1]!), tf.mul(dy, saved[2]!));
    return { value, gradFunc };
  });
  return compute(scores);
}

/**
 * log(1 + Σ exp(x)) over the last two axes of [batch, labels, seq, seq] → [batch, labels, 1, 1], and its gradient for x.
 */
function logSumExp(x: tf.Tensor): { value: tf.Tensor; shares: tf.Tensor } {
  return tidy(() => {
    const most = tf.relu(tf.max(x, [2, 3], true)); // the 1 is exp(0)
    const each = tf.exp(tf.sub(x, most));
    const sum = tf.add(tf.sum(each, [2, 3], true), tf.exp(tf.neg(most)));
    return { value: tf.add(most, tf.log(sum)), shares: tf.div(each, sum) };
  });
}

/** True positives, false positives and false negatives by label at score 0 → [3, labels]. */
export function countPairs(scores: tf.Tensor, { gold, valid }: Pairs): tf.Tensor {
  return tidy(() => {
    const predicted = tf.mul(tf.cast(tf.greaterEqual(scores, 0), 'float32'), valid);
    const total = (each: tf.Tensor): tf.Tensor => tf.sum(each, [0, 2, 3]); // [labels]
    const hits = total(tf.mul(predicted, gold));
    return tf.stack([hits, tf.sub(total(predicted), hits), tf.sub(total(gold), hits)]);
  });
}
