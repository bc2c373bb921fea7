import { expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
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

    /** Sets how much address space this process may have. */
    const limit = (most: string) => spawnSync('prlimit', ['--pid', `${process.pid}`, `--as=${most}:`]);

    (limit('unlimited').status === 0 ? test : test.skip)(
      'is an error also where our own kernels need room to work in (needs prlimit)',
      () =>
        expectNoLeakedTensors(async () => {
          const units = 4000; // recurrent weights of 256 MB, which the kernel takes a copy of
          const inputs = [tf.zeros([1, 4 * units]), tf.zeros([4 * units, units]), tf.ones([1], 'int32')];
          const step = async () =>
            tf.dispose(executeOp('HostLstm', { reverse: attribute.bool(false) }, inputs, 4));
          await step();
          const used = /VmSize:\s*(\d+)/.exec(readFileSync('/proc/self/status', 'utf8'))![1];
          limit(`${Number(used) * 1024 + 100e6}`);
          const computed = computeBatch(1, step, step).finally(() => limit('unlimited'));
          await expect(computed).rejects.toThrow(/out of memory .*there is no memory to work in/);
          await step();
          tf.dispose(inputs);
        }),
    );
  },
  ['native'],
);
