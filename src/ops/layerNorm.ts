import * as tf from '@tensorflow/tfjs-core';
import { attribute, executeOp, isNative } from '../backend/native.js';
import { sumRows } from './linear.js';
import { isRecording } from './tape.js';
import { tidy } from './tidy.js';

export interface Normalized {
  /** [n, hidden], scaled and shifted. */
  value: tf.Tensor;
  /** [n, hidden], mean 0 and variance 1 in each row. */
  normal: tf.Tensor;
  /** [n, 1], one over the standard deviation. */
  inverse: tf.Tensor;
}

/** Layer normalisation over the rows of x [n, hidden] with weight and bias [hidden], or no bias (Ba et al. 2016). */
export function layerNorm(
  x: tf.Tensor,
  weight: tf.Tensor,
  bias: tf.Tensor | undefined,
  epsilon: number,
): Normalized {
  return tidy(() => {
    const centred = tf.sub(x, rowMean(x)); // [n, hidden]
    const variance = rowMean(tf.square(centred)); // [n, 1]
    const inverse = tf.rsqrt(tf.add(variance, epsilon)); // [n, 1]
    const normal = tf.mul(centred, inverse); // [n, hidden]
    const scaled = tf.mul(normal, weight);
    return { value: bias ? tf.add(scaled, bias) : scaled, normal, inverse };
  });
}

/** Gradients of `layerNorm` for dy [n, hidden], from what the forward pass kept. `bias: false` where it has none. */
export function layerNormGradient(
  dy: tf.Tensor,
  { normal, inverse }: Pick<Normalized, 'normal' | 'inverse'>,
  weight: tf.Tensor,
  wanted: { weights: boolean; bias?: boolean },
): { input: tf.Tensor; weight?: tf.Tensor; bias?: tf.Tensor } {
  return tidy(() => {
    const scaled = tf.mul(dy, weight); // [n, hidden]
    const along = rowMean(tf.mul(scaled, normal)); // [n, 1]
    const centred = tf.sub(tf.sub(scaled, rowMean(scaled)), tf.mul(normal, along));
    return {
      input: tf.mul(centred, inverse),
      weight: wanted.weights ? sumRows(tf.mul(dy, normal)) : undefined,
      bias: wanted.weights && wanted.bias !== false ? sumRows(dy) : undefined,
    };
  });
}

/** [n, m] → [n, 1]. TensorFlow.js' own casts before it, to the type that there is. */
function rowMean(x: tf.Tensor): tf.Tensor {
  if (!isNative() || isRecording()) return tf.mean(x, -1, true);
  const attributes = {
    T: attribute.type('float32'),
    Tidx: attribute.type('int32'),
    keep_dims: attribute.bool(true),
  };
  return tidy(() => executeOp('Mean', attributes, [x, tf.scalar(x.rank - 1, 'int32')])[0]!);
}
