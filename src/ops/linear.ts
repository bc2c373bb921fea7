import * as tf from '@tensorflow/tfjs-core';
import { attribute, executeOp, isNative } from '../backend/native.js';
import { staysInBfloat16 } from './bfloat16.js';
import { product, product16 } from './product.js';
import { isRecording } from './tape.js';
import { tidy } from './tidy.js';

export interface LinearGradient {
  /** [n, in]; undefined where it was not asked for. */
  input?: tf.Tensor;
  /** [out, in] */
  weight?: tf.Tensor;
  /** [out] */
  bias?: tf.Tensor;
}

/** A linear layer in PyTorch's layout: x [n, in], weight [out, in], bias [out] or none → [n, out]. */
export function linear(x: tf.Tensor, weight: tf.Tensor, bias: tf.Tensor | undefined): tf.Tensor {
  return tidy(() => {
    if (bias && x.rank === 2 && staysInBfloat16() && !isRecording())
      return executeOp('HostBias', {}, [product16(x, weight, false, true), bias])[0]!;
    const y = product(x, weight, false, true); // [n, out]
    if (!bias) return y;
    if (!isNative() || isRecording()) return tf.add(y, bias);
    return executeOp('BiasAdd', { T: attribute.type('float32') }, [y, bias])[0]!;
  });
}

/** Gradients of `linear` for dy [n, out]; only those asked for are computed. `bias: false` where it has none. */
export function linearGradient(
  dy: tf.Tensor,
  x: tf.Tensor,
  weight: tf.Tensor,
  wanted: { input: boolean; weights: boolean; bias?: boolean },
): LinearGradient {
  return {
    input: wanted.input ? product(dy, weight) : undefined, // [n, in]
    weight: wanted.weights ? product(dy, x, true, false) : undefined,
    bias: wanted.weights && wanted.bias !== false ? sumRows(dy) : undefined,
  };
}

/** Sum over the rows of [n, m] → [m]. */
export function sumRows(x: tf.Tensor): tf.Tensor {
  if (!isNative()) return tf.sum(x, 0);
  return executeOp('BiasAddGrad', { T: attribute.type('float32') }, [x])[0]!;
}
