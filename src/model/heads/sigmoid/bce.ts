import * as tf from '@tensorflow/tfjs-core';
import { tidy } from '../../../ops/tidy.js';

/** One output's answers: logits [n, channels], targets [n, channels], from 0 to 1. */
export interface Answer {
  logits: tf.Tensor;
  targets: tf.Tensor;
  /** [channels]: how much a target of 1 counts over one of 0; undefined: as much. */
  weights?: readonly number[];
}

/**
 * Binary cross-entropy of every output, averaged over real pieces and channels, then over the outputs, and its
 * gradient for the logits. `real` [n, 1] is 1 on pieces of words and 0 on all others;
 * `pieces` is how many there are.
 */
export function bceLoss(
  answers: Answer[],
  real: tf.Tensor,
  pieces: number | tf.Tensor,
): { loss: tf.Tensor; dLogits: tf.Tensor[] } {
  return tidy(() => {
    const parts = answers.map(({ logits, targets, weights }) => {
      const share = tf.div(1, tf.mul(pieces, logits.shape[1]! * answers.length));
      // max(x, 0) - x·t + log(1 + exp(-|x|)): finite for every logit x.
      const tail = tf.log1p(tf.exp(tf.neg(tf.abs(logits))));
      const plain = tf.add(tf.sub(tf.relu(logits), tf.mul(logits, targets)), tail); // [n, channels]
      const dPlain = tf.sub(tf.sigmoid(logits), targets); // [n, channels]
      const [each, dEach] = weights
        ? weighed(weights, { logits, targets }, { plain, dPlain, tail })
        : [plain, dPlain];
      const loss = tf.mul(tf.sum(tf.mul(each, real)), share);
      return { loss, dLogits: tf.mul(tf.mul(dEach, real), share) };
    });
    return { loss: tf.addN(parts.map((part) => part.loss)), dLogits: parts.map((part) => part.dLogits) };
  });
}

/** With -log σ(x) · t counted w times, which is what PyTorch calls `pos_weight`: [n, channels] each. */
function weighed(
  weights: readonly number[],
  { logits, targets }: Answer,
  { plain, dPlain, tail }: { plain: tf.Tensor; dPlain: tf.Tensor; tail: tf.Tensor },
): [each: tf.Tensor, dEach: tf.Tensor] {
  const more = tf.mul(targets, tf.tensor1d(weights.map((weight) => weight - 1)));
  const miss = tf.add(tf.relu(tf.neg(logits)), tail); // -log σ(x)
  return [tf.add(plain, tf.mul(more, miss)), tf.sub(dPlain, tf.mul(more, tf.sigmoid(tf.neg(logits))))];
}

/**
 * True positives, false positives and false negatives per channel at probability .5 → [3, channels], on
 * the device; of targets that are 0 or 1.
 */
export function countTokens({ logits, targets }: Answer, real: tf.Tensor): tf.Tensor {
  return tidy(() => {
    const predicted = tf.mul(tf.cast(tf.greaterEqual(logits, 0), 'float32'), real);
    const gold = tf.mul(targets, real);
    const hits = tf.sum(tf.mul(predicted, gold), 0); // [channels]
    return tf.stack([hits, tf.sub(tf.sum(predicted, 0), hits), tf.sub(tf.sum(gold, 0), hits)]);
  });
}
