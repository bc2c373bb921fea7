import * as tf from '@tensorflow/tfjs-core';
import { attribute, executeOp, isBfloat16, isNative, nativeBackend } from '../backend/native.js';
import { precisionNow } from '../backend/precision.js';
import { tidy } from './tidy.js';

// Ops on tensors that TensorFlow holds in bfloat16, on the native engine only. TensorFlow.js' own ops take such
// tensors for float32 and fail.

/** Where products are in bfloat16 and these ops are tried: on a CPU. Kernels for GPUs lack some types. */
export function staysInBfloat16(): boolean {
  return precisionNow() === 'bfloat16' && isNative() && !nativeBackend().binding.isUsingGpuDevice();
}

const T = () => ({ T: attribute.type('bfloat16') });

/** Rounded to the nearest; a new reference where it is in bfloat16 already. */
export function toBfloat16(x: tf.Tensor): tf.Tensor {
  return isBfloat16(x) ? tf.clone(x) : cast(x, 'float32', 'bfloat16');
}

export function toFloat32(x: tf.Tensor): tf.Tensor {
  return isBfloat16(x) ? cast(x, 'bfloat16', 'float32') : tf.clone(x);
}

/** A linear layer in PyTorch's layout, all of it in bfloat16: x [n, in], weight [out, in], bias [out] or none → [n, out]. */
export function linear16(x: tf.Tensor, weight: tf.Tensor, bias?: tf.Tensor): tf.Tensor {
  return tidy(() => {
    const transposed = { transpose_a: attribute.bool(false), transpose_b: attribute.bool(true) };
    const y = executeOp('MatMul', { ...T(), ...transposed }, [toBfloat16(x), toBfloat16(weight)])[0]!;
    return bias ? executeOp('BiasAdd', T(), [y, toBfloat16(bias)])[0]! : y;
  });
}

/**
 * The exact GELU. Its ops stand in the order in which TensorFlow knows them for one, and then computes it in
 * float32 with the product before it.
 */
export function gelu16(x: tf.Tensor): tf.Tensor {
  return tidy(() => {
    const scalar = (value: number) => toBfloat16(tf.scalar(value));
    const binary = (op: 'Mul' | 'AddV2', a: tf.Tensor, b: tf.Tensor) => executeOp(op, T(), [a, b])[0]!;
    const erf = executeOp('Erf', T(), [binary('Mul', x, scalar(Math.SQRT1_2))])[0]!;
    const cdf = binary('Mul', binary('AddV2', erf, scalar(1)), scalar(0.5));
    return binary('Mul', cdf, x);
  });
}

/** Products of the matrices in the last two dimensions. */
export function matMul16(a: tf.Tensor, b: tf.Tensor, transposeB = false): tf.Tensor {
  const adjoint = { adj_x: attribute.bool(false), adj_y: attribute.bool(transposeB) };
  return executeOp('BatchMatMulV2', { ...T(), ...adjoint }, [a, b])[0]!;
}

/** Equal parts along an axis. */
export function split16(x: tf.Tensor, parts: number, axis: number): tf.Tensor[] {
  return tidy(() => {
    const attributes = { ...T(), num_split: attribute.int(parts) };
    return executeOp('Split', attributes, [tf.scalar(axis, 'int32'), x], parts);
  });
}

/** Element by element. */
export function mul16(a: tf.Tensor, b: tf.Tensor): tf.Tensor {
  return executeOp('Mul', T(), [a, b])[0]!;
}

/** Slices along an axis by their indices. */
export function gather16(x: tf.Tensor, indices: tf.Tensor1D, axis: number): tf.Tensor {
  return tidy(() => {
    const types = { Tparams: attribute.type('bfloat16'), Tindices: attribute.type('int32'), Taxis: attribute.type('int32') }; // prettier-ignore
    const attributes = { ...types, batch_dims: attribute.int(0) };
    return executeOp('GatherV2', attributes, [x, indices, tf.scalar(axis, 'int32')])[0]!;
  });
}

export function reshape16(x: tf.Tensor, shape: number[]): tf.Tensor {
  return tidy(() => {
    const attributes = { ...T(), Tshape: attribute.type('int32') };
    return executeOp('Reshape', attributes, [x, tf.tensor1d(shape, 'int32')])[0]!;
  });
}

export function transpose16(x: tf.Tensor, order: number[]): tf.Tensor {
  return tidy(() => {
    const attributes = { ...T(), Tperm: attribute.type('int32') };
    return executeOp('Transpose', attributes, [x, tf.tensor1d(order, 'int32')])[0]!;
  });
}

function cast(x: tf.Tensor, from: 'float32' | 'bfloat16', to: 'float32' | 'bfloat16'): tf.Tensor {
  const types = { SrcT: attribute.type(from), DstT: attribute.type(to), Truncate: attribute.bool(false) };
  return executeOp('Cast', types, [x])[0]!;
}
