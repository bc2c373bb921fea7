import { expect } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';

/** Runs `work` and fails where it leaves tensors behind. What it returns must hold none. */
export async function expectNoLeakedTensors<T>(work: () => T | Promise<T>): Promise<T> {
  const before = tf.memory();
  const result = await work();
  const { numTensors, numDataBuffers } = tf.memory();
  expect({ numTensors, numDataBuffers }).toEqual({
    numTensors: before.numTensors,
    numDataBuffers: before.numDataBuffers,
  });
  return result;
}
