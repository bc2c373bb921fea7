import * as tf from '@tensorflow/tfjs-core';
import { linear } from '../../../ops/linear.js';
import { rotate, rotation } from '../../../ops/rotary.js';
import { tidy } from '../../../ops/tidy.js';
import { linearSpecs, type ParameterSpec, type Weights } from '../../part.js';
import type { HeadInput } from '../head.js';

/**
 * Probability of a pair before anything is learned. About one in as many as a window has pairs: then the loss of what
 * is no span and that of what is one pull alike.
 */
const PRIOR = 5e-4;
/** Base of the angles, as published. */
const THETA = 10_000;

/** The two layers of an output: queries and keys from the features, and what each end says of the labels from those. */
export function pairSpecs(output: string, labels: number, width: number, size: number): ParameterSpec[] {
  const prior = Math.log(PRIOR / (1 - PRIOR));
  return [
    ...linearSpecs(`heads.${output}.pair`, [2 * size, width], 'new'),
    ...linearSpecs(`heads.${output}.label`, [2 * labels, 2 * size], 'new', { prior }),
  ];
}

/** What the scores of an output are the sum of. */
export interface PairParts {
  /** How well row i as the first of a span goes with row j as the last. */
  products: tf.Tensor; // [batch, seq, seq]
  /** What a row says of each label as the first of a span, then as the last. */
  ends: tf.Tensor; // [batch*seq, 2*labels]
}

/**
 * Efficient GlobalPointer (Su et al. 2022, arXiv 2208.03054): of every row a query and a key; a span's score for a
 * label is the query of its first row times the key of its last, over √size, plus the mean of what the two rows say of
 * the label. As published, the latter is a linear layer on the query and key, before they are turned by their positions
 * (Su et al. 2021, arXiv 2104.09864), which are those in the window.
 */
export function pairParts(
  { features, batch, seq }: Pick<HeadInput, 'features' | 'batch' | 'seq'>,
  output: string,
  weights: Weights,
): PairParts {
  return tidy(() => {
    const layer = (name: string, x: tf.Tensor) =>
      linear(x, weights(`heads.${output}.${name}.weight`), weights(`heads.${output}.${name}.bias`));
    const pair = layer('pair', features); // [n, 2*size]
    const ends = layer('label', pair); // [n, 2*labels]
    const size = pair.shape[1]! / 2;
    const turn = rotation(seq, size, THETA);
    const [query, key] = tf
      .split(tf.reshape(pair, [batch, seq, 2 * size]), 2, 2)
      .map((part) => rotate(part, turn)) as [tf.Tensor, tf.Tensor]; // [batch, seq, size]
    const products = tf.matMul(tf.mul(query, 1 / Math.sqrt(size)), key, false, true); // [batch, seq, seq]
    return { products, ends };
  });
}

/** The scores themselves → [batch, labels, seq, seq]. */
export function pairScores({ products, ends }: PairParts): tf.Tensor {
  return tidy(() => {
    const [batch, seq] = products.shape as [number, number];
    const labels = ends.shape[1]! / 2;
    const byLabel = tf.transpose(tf.reshape(tf.mul(ends, 0.5), [batch, seq, 2 * labels]), [0, 2, 1]);
    const [first, last] = tf.split(byLabel, 2, 1) as [tf.Tensor, tf.Tensor]; // [batch, labels, seq]
    const ofFirst = tf.add(
      tf.reshape(products, [batch, 1, seq, seq]),
      tf.reshape(first, [batch, labels, seq, 1]),
    );
    return tf.add(ofFirst, tf.reshape(last, [batch, labels, 1, seq]));
  });
}
