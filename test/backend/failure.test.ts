import { describe, expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { computeBatch, DeviceLost, deviceError, OutOfMemory } from '../../src/backend/failure.js';
import { attribute, executeOp } from '../../src/backend/native.js';
import { startEngine } from '../../src/backend/engine.js';
import { describeEngines } from '../support/engines.js';
import { expectNoLeakedTensors } from '../support/leaks.js';

describeEngines(
  'memory that TensorFlow has not got',
  () => {
    test('is an error that says so, and how many windows would fit', () =>
      expectNoLeakedTensors(async () => {
        const types = { T: attribute.type('float32'), index_type: attribute.type('int32') };
        /** Asks for a tensor of a tebibyte per window, or of a few bytes for up to 3 windows. */
        const compute = (windows: number) =>
          tf.tidy(() => {
            const shape = windows > 3 ? [windows * 2 ** 20, 2 ** 18] : [windows];
            executeOp('Fill', types, [tf.tensor1d(shape, 'int32'), tf.scalar(1)]);
          });
        const attempt = async (windows: number) => compute(windows);
        const computed = computeBatch(16, () => compute(16), attempt);
        await expect(computed).rejects.toThrow(OutOfMemory);
        await expect(computed).rejects.toThrow(
          /^The device is out of memory \(OOM when allocating tensor with shape\[16777216,262144\].*\); 16 windows at once are too many, 2 fit: set training\.batchSize, or --batch-size of predict, to 2; training\.accumulate makes up for a smaller batch$/,
        );
      }));
  },
  ['native'],
);

describe('computing a batch', () => {
  const outOfMemory = () => Promise.reject(new OutOfMemory('Full'));

  test('says so where not even one window fits', async () => {
    await startEngine({ engine: 'cpu', device: 'auto' });
    await expect(computeBatch(8, outOfMemory, outOfMemory)).rejects.toThrow(
      /^Full; not even one window fits: take shorter ones \(data\.windowPieces\)/,
    );
  });

  test('returns what is computed, and tries nothing', async () => {
    const attempt = () => Promise.reject(new Error('tried'));
    expect(await computeBatch(8, () => 5, attempt)).toBe(5);
  });

  test('leaves errors of other kinds as they are', async () => {
    const mistake = new TypeError('x is undefined');
    const failed = computeBatch(8, () => Promise.reject(mistake), outOfMemory);
    await expect(failed).rejects.toBe(mistake);
  });

  test("knows a CUDA driver's end", () => {
    const error = new Error('Invalid TF_Status: 13\nMessage: CUDA_ERROR_ILLEGAL_ADDRESS: an illegal access');
    expect(deviceError(error)).toBeInstanceOf(DeviceLost);
    expect((deviceError(error) as Error).message).toMatch(/^The GPU failed .*CUDA_ERROR_ILLEGAL_ADDRESS/);
  });
});
