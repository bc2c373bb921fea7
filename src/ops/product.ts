import * as tf from '@tensorflow/tfjs-core';
import { attribute, executeOp, isNative } from '../backend/native.js';

/**
 * Matrix product of two matrices, either transposed: [n, k] x [k, m] → [n, m].
 * TensorFlow's MatMul where it can be reached: tfjs sends every product to BatchMatMul, which is slower
 * for one large matrix.
 */
export function product(a: tf.Tensor, b: tf.Tensor, transposeA = false, transposeB = false): tf.Tensor {
  if (isNative() && a.rank === 2 && b.rank === 2) {
    const attributes = {
      T: attribute.type('float32'),
      transpose_a: attribute.bool(transposeA),
      transpose_b: attribute.bool(transposeB),
    };
    return executeOp('MatMul', attributes, [a, b])[0]!;
  }
  return tf.matMul(a, b, transposeA, transposeB);
}
