import * as tf from '@tensorflow/tfjs-core';
import { tidy } from '../../../ops/tidy.js';

/** Stands for the logarithm of 0. Finite, so that its products with 0 are. */
export const NEVER = -1e4;

/** Least sum of products: what is smaller beside the greatest of its row and its column counts as this, e^-85. */
const LEAST = 1e-37;

/**
 * The product of all matrices of a row in the semiring of logarithms, where (a x b)[i, j] is log Σk exp(a[i, k] + b[k, j]):
 * neighbours are multiplied with one another, then their products, … so that it takes log2(count) steps of a few large
 * ops. [batch, count, tags, tags] → [batch, tags, tags]. The tape has its gradient.
 */
export function logProduct(matrices: tf.Tensor4D): tf.Tensor3D {
  return tidy(() => {
    let left = matrices;
    while (left.shape[1] > 1) {
      const [batch, count, tags] = left.shape;
      const pairs = count >> 1;
      const even = count % 2 === 0 ? left : tf.slice(left, [0, 0, 0, 0], [batch, 2 * pairs, tags, tags]);
      const products = multiplyPairs(tf.reshape(even, [batch * pairs, 2 * tags, tags]));
      const level = tf.reshape(products, [batch, pairs, tags, tags]) as tf.Tensor4D;
      if (count % 2 === 0) left = level;
      else left = tf.concat([level, tf.slice(left, [0, count - 1, 0, 0], [batch, 1, tags, tags])], 1);
    }
    return tf.reshape(left, [left.shape[0], left.shape[2], left.shape[3]]);
  });
}

/**
 * The products of pairs of matrices, one above the other: [n, 2 * tags, tags] → [n, tags, tags]. As a product of
 * exponentials, each divided by the greatest of its row on the left, of its column on the right.
 */
function multiplyPairs(pairs: tf.Tensor3D): tf.Tensor3D {
  const [n, twice, tags] = pairs.shape;
  const multiply = tf.customGrad((...all) => {
    const [x, save] = all as unknown as [tf.Tensor3D, tf.GradSaveFunc];
    const a = tf.slice(x, [0, 0, 0], [n, tags, tags]);
    const b = tf.slice(x, [0, tags, 0], [n, tags, tags]);
    const ofRows = tf.max(a, 2, true); // [n, tags, 1]
    const ofColumns = tf.max(b, 1, true); // [n, 1, tags]
    const left = tf.exp(tf.sub(a, ofRows));
    const right = tf.exp(tf.sub(b, ofColumns));
    const sums = tf.maximum(tf.matMul(left, right), LEAST); // [n, tags, tags]
    save([left, right, sums]);
    const value = tf.add(tf.add(tf.log(sums), ofRows), ofColumns);
    // ∂ log Σk exp(a[i, k] + b[k, j]) / ∂ a[i, k] is the share of k in the sum.
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]) => {
      const [ofA, ofB, total] = saved as [tf.Tensor, tf.Tensor, tf.Tensor];
      const shares = tf.div(dy, total);
      const da = tf.mul(ofA, tf.matMul(shares, ofB, false, true));
      const db = tf.mul(ofB, tf.matMul(ofA, shares, true, false));
      return tf.concat([da, db], 1); // [n, 2 * tags, tags]
    };
    return { value, gradFunc };
  });
  return tf.reshape(multiply(pairs), [n, twice / 2, tags]);
}
