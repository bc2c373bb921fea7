import { beforeAll, expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { startEngine } from '../../src/backend/engine.js';
import { DeviceLost, OutOfMemory } from '../../src/backend/failure.js';
import { take } from '../../src/backend/take.js';
import { webgpuBackend } from '../../src/backend/webgpu.js';
import { embeddingGradient } from '../../src/ops/embedding.js';
import { product } from '../../src/ops/product.js';
import { describeEngines } from '../support/engines.js';
import { expectNoLeakedTensors } from '../support/leaks.js';
import { expectClose, randomNumbers, randomTensor } from '../support/tensors.js';

const start = (device: 'auto' | 'gpu' | 'cpu' = 'auto') => startEngine({ engine: 'webgpu', device });

describeEngines(
  'the engine',
  () => {
    test('says what it computes on, and warns of a software adapter', async () => {
      const engine = await start();
      expect(engine).toMatchObject({ name: 'webgpu' });
      if (!webgpuBackend().adapter.isSoftware) return;
      expect(engine).toMatchObject({
        device: 'cpu',
        description: expect.stringMatching(/^WebGPU on .+, a software adapter$/),
        notice: expect.stringMatching(/slower than the other engines/),
      });
      await expect(start('gpu')).rejects.toThrow(
        /'gpu' was asked for, but WebGPU's only adapter is a program/,
      );
    });

    test('does not leave the GPU alone, if it is told to', async () => {
      await expect(start('cpu')).rejects.toThrow(
        /'webgpu' computes on a GPU, and device 'cpu' was asked for/,
      );
    });

    test("takes tensors of the adapter's size, not of WebGPU's own 128 MiB", async () => {
      await start();
      const { limits } = webgpuBackend().device;
      expect(limits.maxStorageBufferBindingSize).toBeGreaterThan(2 ** 27);
      expect(limits.maxBufferSize).toBeGreaterThan(2 ** 28);
    });

    test('leaves nothing among the global names of a browser that would keep the process alive', async () => {
      await start();
      expect((globalThis as { navigator?: { gpu?: unknown } }).navigator?.gpu).toBeUndefined();
    });
  },
  ['webgpu'],
);

describeEngines(
  'its kernels',
  () => {
    test('sum the rows of many ids as a loop does, and to the same bits every time', () =>
      expectNoLeakedTensors(async () => {
        const [rows, width, segments] = [300, 5, 40];
        const x = randomNumbers(rows * width, 1);
        const ids = Int32Array.from(randomNumbers(rows, 2), (number) => Math.floor(number * 1.2 * segments));
        const expected = new Float32Array(segments * width);
        ids.forEach((id, row) => {
          if (id < 0 || id >= segments) return; // count nowhere
          for (let i = 0; i < width; i++) expected[id * width + i]! += x[row * width + i]!;
        });
        const [dy, which] = [tf.tensor2d(x, [rows, width]), tf.tensor1d(ids, 'int32')];
        for (let time = 0; time < 2; time++)
          expectClose(await take(embeddingGradient(dy, which, segments)), expected, 0);
        tf.dispose([dy, which]);
      }));

    test('add up more tensors than one program may read', () =>
      expectNoLeakedTensors(async () => {
        const parts = Array.from({ length: 20 }, (_, i) => tf.fill([3], i));
        expect([...(await take(tf.addN(parts)))]).toEqual([190, 190, 190]);
        tf.dispose(parts);
      }));

    test('find the largest of a thousand, in their order', () =>
      expectNoLeakedTensors(async () => {
        const numbers = randomNumbers(1000, 3);
        const order = [...numbers.keys()].sort((i, j) => numbers[j]! - numbers[i]!).slice(0, 7);
        const { values, indices } = tf.tidy(() => tf.topk(tf.tensor2d(numbers, [1, 1000]), 7));
        expect([...(await take(indices))]).toEqual(order);
        expect([...(await take(values))]).toEqual(order.map((index) => numbers[index]));
      }));

    test('multiply long rows to the same bits every time', () =>
      expectNoLeakedTensors(async () => {
        const [a, b] = [randomTensor([2100, 20], 1), randomTensor([2100, 30], 2)];
        const [first, second] = [await take(product(a, b, true)), await take(product(a, b, true))];
        expectClose(second, first, 0);
        const [x, y] = [await take(tf.clone(a)), await take(tf.clone(b))];
        let corner = 0;
        for (let row = 0; row < 2100; row++) corner += x[row * 20]! * y[row * 30]!;
        expect(Math.abs(first[0]! - corner)).toBeLessThan(1e-3);
        tf.dispose([a, b]);
      }));
  },
  ['webgpu'],
);

describeEngines(
  'its memory',
  () => {
    test('does not keep the buffers of tensors that are gone beyond as many as are in use', async () => {
      const { bufferManager } = webgpuBackend();
      const allocated = () => (bufferManager as unknown as { numBytesAllocated: number }).numBytesAllocated;
      for (let size = 1; size <= 12; size++)
        (await take(tf.tidy(() => tf.slice(tf.zeros([2 ** 24 + size]), 0, 1)))).at(0); // 64 MiB and a little
      expect(allocated()).toBeLessThan(6 * 2 ** 26);
    });

    test('is an error before a tensor is made that is larger than the device takes', () => {
      const floats = webgpuBackend().device.limits.maxBufferSize / 4 + 1;
      const make = () => tf.tidy(() => void tf.fill([floats], 1));
      expect(make).toThrow(OutOfMemory);
      expect(make).toThrow(/takes tensors of up to \d+ MiB .*, and one needs \d+ MiB/);
    });
  },
  ['webgpu'],
);

describeEngines(
  'a device that is lost',
  () => {
    beforeAll(() => void webgpuBackend().device.destroy());

    test('is an error with its name wherever something is read, and the next start opens it anew', async () => {
      const lost = webgpuBackend();
      const x = tf.tensor1d([1, 2]);
      const read = take(tf.tidy(() => tf.add(x, 1)));
      await expect(read).rejects.toThrow(DeviceLost);
      await expect(read).rejects.toThrow(`The GPU was lost while it computed (${lost.adapter.name}`);
      x.dispose();
      await start();
      expect(webgpuBackend()).not.toBe(lost);
      expect([...(await take(tf.tidy(() => tf.add(tf.tensor1d([1, 2]), 1))))]).toEqual([2, 3]);
    });
  },
  ['webgpu'],
);
