import * as tf from '@tensorflow/tfjs-core';
import { attribute, executeOp, hasOwnKernels, isNative } from '../backend/native.js';
import { tidy } from './tidy.js';

/** Where the next dropout mask comes from: the same seed and number give the same mask. */
export interface MaskSource {
  /** An int32 where it is a step's input. */
  seed: number | tf.Tensor;
  drawn: number;
}

/**
 * A mask of zeros (with probability `rate`) and 1 / (1 - rate); undefined where nothing is dropped.
 * Every engine draws the same numbers for them (see backend/philox.ts).
 */
export function dropoutMask<T extends tf.Tensor>(
  shape: number[],
  rate: number,
  source: MaskSource | undefined,
): T | undefined {
  if (!source || rate === 0) return undefined;
  const number = source.drawn++;
  return tidy(() => {
    if (hasOwnKernels()) {
      const seed = typeof source.seed === 'number' ? tf.scalar(source.seed, 'int32') : source.seed;
      const attributes = { rate: attribute.float(rate), number: attribute.int(number) };
      return executeOp('HostDropoutMask', attributes, [tf.tensor1d(shape, 'int32'), seed])[0] as T;
    }
    const uniform = statelessUniform(shape, [source.seed, number]);
    const isKept = tf.greaterEqual(uniform, rate);
    const scale = 1 / (1 - rate);
    if (!isNative()) return tf.mul(tf.cast(isKept, 'float32'), scale) as T;
    const numbers = [tf.scalar(scale), tf.scalar(0)];
    return executeOp('SelectV2', { T: attribute.type('float32') }, [isKept, ...numbers])[0] as T;
  });
}

/** x times the mask, or x itself (a new reference) where there is no mask. */
export function applyMask<T extends tf.Tensor>(x: T, mask: tf.Tensor | undefined): T {
  return (mask ? tf.mul(x, mask) : tf.clone(x)) as T;
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
