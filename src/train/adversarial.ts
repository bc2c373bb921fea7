import * as tf from '@tensorflow/tfjs-core';
import type { LossAndGradients } from '../model/model.js';
import type { Gradients, Weights } from '../model/part.js';
import { tidy } from '../ops/tidy.js';

/** Where all is 0 there is nowhere to go. */
const LEAST_NORM = 1e-30;

/**
 * The loss of a batch, with its gradients and those of the same batch read through another word table, summed: one that
 * was moved by `epsilon` to where the loss rises fastest (the fast gradient method of Miyato et al. 2017, on the table as
 * a whole). Nothing is moved where the table has no gradient. The weights stay as they are.
 */
export function withAdversary(
  { table, epsilon }: { table: string; epsilon: number },
  weights: Weights,
  compute: (weights: Weights) => LossAndGradients,
): LossAndGradients {
  const clean = compute(weights);
  const gradient = clean.gradients.get(table);
  if (!gradient) return clean;
  const moved = tidy(() => {
    const length = tf.maximum(tf.norm(gradient), LEAST_NORM);
    return tf.add(weights(table), tf.mul(gradient, tf.div(epsilon, length)));
  });
  const { loss, counts, gradients } = compute((name) => (name === table ? moved : weights(name)));
  const sums: Gradients = new Map();
  for (const [name, one] of clean.gradients) {
    const other = gradients.get(name)!;
    sums.set(name, tf.add(one, other));
    tf.dispose([one, other]);
  }
  tf.dispose([moved, loss, ...counts]);
  return { ...clean, gradients: sums };
}
