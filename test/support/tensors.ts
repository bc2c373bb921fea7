import { expect } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { randomFrom } from '../../src/data/random.js';

/** Numbers between -1 and 1, the same for the same seed. */
export function randomNumbers(size: number, seed: number): Float32Array {
  const random = randomFrom(seed);
  return Float32Array.from({ length: size }, () => 2 * random.next() - 1);
}

/** A tensor of `randomNumbers`. */
export function randomTensor(shape: number[], seed: number): tf.Tensor {
  return tf.tensor(randomNumbers(tf.util.sizeFromShape(shape), seed), shape);
}

/** A tensor's values on the host; the tensor is disposed of. */
export function take(tensor: tf.Tensor): Float32Array {
  const values = tensor.dataSync() as Float32Array;
  tensor.dispose();
  return values;
}

/** Disposes of every tensor inside any structure of objects and arrays. */
export function disposeAll(...structures: unknown[]): void {
  tf.dispose(structures as tf.TensorContainer);
}

/**
 * Each value differs from what is expected by `tolerance` at most; NaN is far from everything. `what` names
 * the values where they fail.
 */
export function expectClose(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  tolerance: number,
  what?: string,
): void {
  expect(actual).toHaveLength(expected.length);
  let worst = { index: -1, difference: 0, actual: NaN, expected: NaN };
  for (let i = 0; i < expected.length && !Number.isNaN(worst.difference); i++) {
    const difference = Math.abs(actual[i]! - expected[i]!);
    if (!(difference <= worst.difference))
      worst = { index: i, difference, actual: actual[i]!, expected: expected[i]! };
  }
  const close = worst.difference <= tolerance;
  expect({ close, ...(!close && { what, ...worst }) }).toEqual({ close: true });
}
