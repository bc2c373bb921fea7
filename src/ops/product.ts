import * as tf from '@tensorflow/tfjs-core';
import { attribute, executeOp, isNative } from '../backend/native.js';
import { precisionNow } from '../backend/precision.js';
import { toBfloat16, toFloat32 } from './bfloat16.js';
import { isRecording } from './tape.js';
import { tidy } from './tidy.js';

/**
 * Matrix product of two matrices, either transposed: [n, k] x [k, m] → [n, m].
 * TensorFlow's MatMul where it can be reached: tfjs sends every product to BatchMatMul, which is slower
 * for one large matrix. In bfloat16 where the engine was started so; sums are float32 within a product.
 * The tape has its gradient.
 */
export function product(a: tf.Tensor, b: tf.Tensor, transposeA = false, transposeB = false): tf.Tensor {
  if (!isNative() || a.rank !== 2 || b.rank !== 2) return tf.matMul(a, b, transposeA, transposeB);
  if (isRecording()) return recorded(a, b, transposeA, transposeB);
  return matMul(a, b, transposeA, transposeB);
}

function recorded(left: tf.Tensor, right: tf.Tensor, transposeA: boolean, transposeB: boolean): tf.Tensor {
  const compute = tf.customGrad((...all) => {
    const [a, b, save] = all as unknown as [tf.Tensor, tf.Tensor, tf.GradSaveFunc];
    save([a, b]);
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]) => {
      const [x, y] = saved as [tf.Tensor, tf.Tensor];
      return [
        transposeA ? matMul(y, dy, transposeB, true) : matMul(dy, y, false, !transposeB),
        transposeB ? matMul(dy, x, true, transposeA) : matMul(x, dy, !transposeA, false),
      ];
    };
    return { value: matMul(a, b, transposeA, transposeB), gradFunc };
  });
  return compute(left, right);
}

function matMul(a: tf.Tensor, b: tf.Tensor, transposeA: boolean, transposeB: boolean): tf.Tensor {
  if (precisionNow() === 'bfloat16') return tidy(() => toFloat32(product16(a, b, transposeA, transposeB)));
  return typedMatMul('float32', a, b, transposeA, transposeB);
}

/** The product of matrices rounded to bfloat16, as it comes: for where it is taken as that. Native engine, no tape. */
export function product16(a: tf.Tensor, b: tf.Tensor, transposeA: boolean, transposeB: boolean): tf.Tensor {
  return tidy(() => typedMatMul('bfloat16', toBfloat16(a), toBfloat16(b), transposeA, transposeB));
}

function typedMatMul(
  type: 'float32' | 'bfloat16',
  a: tf.Tensor,
  b: tf.Tensor,
  transposeA: boolean,
  transposeB: boolean,
): tf.Tensor {
  const attributes = {
    T: attribute.type(type),
    transpose_a: attribute.bool(transposeA),
    transpose_b: attribute.bool(transposeB),
  };
  return executeOp('MatMul', attributes, [a, b])[0]!;
}

/**
 * What a weight is best held as where it is a factor of products and nothing else: in bfloat16 where they are,
 * so that not every product rounds it again. Takes over the tensor.
 */
export function asFactor(weight: tf.Tensor): tf.Tensor {
  if (!isNative() || precisionNow() === 'float32') return weight;
  const half = toBfloat16(weight);
  weight.dispose();
  return half;
}
