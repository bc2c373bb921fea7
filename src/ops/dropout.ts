import * as tf from '@tensorflow/tfjs-core';
import { attribute, executeOp, hasOwnKernels, isNative } from '../backend/native.js';
import { isRecording } from './tape.js';
import { tidy } from './tidy.js';

/** Where the next dropout mask comes from: the same seed and number give the same mask. */
export interface MaskSource {
  /** An int32 where it is a step's input. */
  seed: number | tf.Tensor;
  drawn: number;
}

/** What is kept of a tensor: true or false by our own kernels, a quarter of the bytes; else 1 / (1 - rate) or 0, its factors. */
export interface DropoutMask {
  kept: tf.Tensor;
  rate: number;
}

/**
 * Drops with probability `rate`; undefined where nothing is dropped.
 * Every engine draws the same numbers for it (see backend/philox.ts).
 */
export function dropoutMask(
  shape: number[],
  rate: number,
  source: MaskSource | undefined,
): DropoutMask | undefined {
  if (!source || rate === 0) return undefined;
  const number = source.drawn++;
  return tidy(() => {
    if (hasOwnKernels()) {
      const seed = typeof source.seed === 'number' ? tf.scalar(source.seed, 'int32') : source.seed;
      const attributes = { rate: attribute.float(rate), number: attribute.int(number) };
      const inputs = [tf.tensor1d(shape, 'int32'), seed];
      return { kept: executeOp('HostDropoutMask', attributes, inputs)[0]!, rate };
    }
    const uniform = statelessUniform(shape, [source.seed, number]);
    const isKept = tf.greaterEqual(uniform, rate);
    if (!isNative()) return { kept: tf.mul(tf.cast(isKept, 'float32'), 1 / (1 - rate)), rate };
    const numbers = [tf.scalar(1 / (1 - rate)), tf.scalar(0)];
    return { kept: executeOp('SelectV2', { T: attribute.type('float32') }, [isKept, ...numbers])[0]!, rate };
  });
}

/** What the mask keeps of x, scaled up by 1 / (1 - rate), and zeros; x itself (a new reference) where there is no mask. */
export function applyMask<T extends tf.Tensor>(x: T, mask: DropoutMask | undefined): T {
  if (!mask) return tf.clone(x);
  const { kept, rate } = mask;
  if (kept.dtype !== 'bool') return tf.mul(x, kept);
  if (isRecording()) return tidy(() => tf.mul(x, tf.mul(tf.cast(kept, 'float32'), 1 / (1 - rate))) as T);
  return executeOp('HostDropped', { rate: attribute.float(rate) }, [x, kept])[0] as T;
}

/** Numbers from [0, 1). TensorFlow.js' own are drawn one by one on the host. */
function statelessUniform(shape: number[], [seed, number]: [number | tf.Tensor, number]): tf.Tensor {
  if (!isNative())
    return tf.engine().runKernel('StatelessUniform', {}, { shape, seed: [seed as number, number] });
  const attributes = {
    dtype: attribute.type('float32'),
    T: attribute.type('int32'),
    Tseed: attribute.type('int32'),
  };
  return executeOp('StatelessRandomUniform', attributes, [
    tf.tensor1d(shape, 'int32'),
    typeof seed === 'number'
      ? tf.tensor1d([seed, number], 'int32')
      : tf.stack([seed, tf.scalar(number, 'int32')]),
  ])[0]!;
}
