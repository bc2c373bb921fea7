import { expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { computeBatch, OutOfMemory } from '../../src/backend/failure.js';
import { attribute, executeOp } from '../../src/backend/native.js';
import { describeEngines } from '../support/engines.js';
import { expectNoLeakedTensors } from '../support/leaks.js';

// Before it says that it has no memory, TensorFlow waits for ten seconds whether some becomes free.
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
