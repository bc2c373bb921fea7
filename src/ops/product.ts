import * as tf from '@tensorflow/tfjs-core';
import {
  attribute,
  bfloat16Tensor,
  deleteRaw,
  executeOp,
  executeRaw,
  idOf,
  isBfloat16,
  isNative,
  toTensor,
  type RawTensor,
} from '../backend/native.js';
import { precisionNow } from '../backend/precision.js';

/**
 * Matrix product of two matrices, either transposed: [n, k] x [k, m] → [n, m].
 * TensorFlow's MatMul where it can be reached: tfjs sends every product to BatchMatMul, which is slower
 * for one large matrix. In bfloat16 where the engine was started so; sums are float32 within a product.
 */
export function product(a: tf.Tensor, b: tf.Tensor, transposeA = false, transposeB = false): tf.Tensor {
  if (!isNative() || a.rank !== 2 || b.rank !== 2) return tf.matMul(a, b, transposeA, transposeB);
  const transposed = {
    transpose_a: attribute.bool(transposeA),
    transpose_b: attribute.bool(transposeB),
  };
  if (precisionNow() === 'float32')
    return executeOp('MatMul', { T: attribute.type('float32'), ...transposed }, [a, b])[0]!;

  const [half, other] = [toBfloat16(a), toBfloat16(b)];
  const types = { T: attribute.type('bfloat16'), ...transposed };
  const halfProduct = executeRaw('MatMul', types, [half.id, other.id])[0]!;
  const result = executeRaw('Cast', cast('bfloat16', 'float32'), [halfProduct.id])[0]!;
  for (const raw of [half, other, halfProduct]) if (!('isGiven' in raw)) deleteRaw(raw);
  return toTensor(result);
}

/**
 * What a weight is best held as where it is a factor of products and nothing else: in bfloat16 where they are,
 * so that not every product rounds it again. Takes over the tensor.
 */
export function asFactor(weight: tf.Tensor): tf.Tensor {
  if (!isNative() || precisionNow() === 'float32') return weight;
  const half = bfloat16Tensor(weight);
  weight.dispose();
  return half;
}

/** Rounded to the nearest, unless it is in bfloat16 already. */
function toBfloat16(x: tf.Tensor): RawTensor | { id: number; isGiven: true } {
  if (isBfloat16(x)) return { id: idOf(x), isGiven: true };
  return executeRaw('Cast', cast('float32', 'bfloat16'), [idOf(x)])[0]!;
}

function cast(from: 'float32' | 'bfloat16', to: 'float32' | 'bfloat16') {
  return {
    SrcT: attribute.type(from),
    DstT: attribute.type(to),
    Truncate: attribute.bool(false),
  };
}
