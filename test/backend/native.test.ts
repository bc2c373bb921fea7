import { describe, expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { startEngine } from '../../src/backend/engine.js';
import { attribute, executeOp, isBfloat16, isNative, nativeBackend } from '../../src/backend/native.js';
import { describeEngines } from '../support/engines.js';
import { expectNoLeakedTensors } from '../support/leaks.js';

const float = attribute.type('float32');

describeEngines(
  'an op called by its name',
  () => {
    test('computes with its attributes', async () => {
      const product = await expectNoLeakedTensors(() =>
        tf.tidy(() => {
          const attributes = {
            T: float,
            transpose_a: attribute.bool(false),
            transpose_b: attribute.bool(true),
          };
          const [out] = executeOp('MatMul', attributes, [tf.tensor2d([[1, 2]]), tf.tensor2d([[3, 4]])]);
          return out!.arraySync();
        }),
      );
      expect(product).toEqual([[11]]);
    });

    test('returns as many tensors as it has outputs', () => {
      tf.tidy(() => {
        const attributes = { T: float, num_split: attribute.int(2) };
        const parts = executeOp('Split', attributes, [tf.scalar(0, 'int32'), tf.tensor1d([1, 2, 3, 4])], 2);
        expect(parts.map((part) => Array.from(part.dataSync()))).toEqual([[1, 2], [3, 4]]); // prettier-ignore
      });
    });

    test('hands on numbers of eight bits, which TensorFlow.js lacks, and a tidy frees them', () => {
      const before = nativeBackend().binding.getNumOfTensors();
      const byte = attribute.type('int8');
      const values = tf.tidy(() => {
        const [small] = executeOp('Cast', { SrcT: float, DstT: byte }, [tf.tensor1d([7, -3, 127])]);
        return executeOp('Cast', { SrcT: byte, DstT: float }, [small!])[0]!.arraySync();
      });
      expect(values).toEqual([7, -3, 127]);
      expect(nativeBackend().binding.getNumOfTensors()).toBe(before);
    });

    test('is named in the error where TensorFlow has none such, and leaves nothing', () => {
      const { binding } = nativeBackend();
      const before = binding.getNumOfTensors();
      tf.tidy(() => expect(() => executeOp('NoSuchOp', {}, [tf.scalar(1)])).toThrow(/NoSuchOp/));
      expect(binding.getNumOfTensors()).toBe(before);
    });

    test('computes in bfloat16, which TensorFlow.js lacks, with tensors that a tidy frees', () => {
      const before = nativeBackend().binding.getNumOfTensors();
      const half = attribute.type('bfloat16');
      const values = tf.tidy(() => {
        const x = tf.tensor2d([[1, 2], [3, 4]]); // prettier-ignore
        const [low] = executeOp('Cast', { SrcT: float, DstT: half }, [x]);
        expect([isBfloat16(x), isBfloat16(low!)]).toEqual([false, true]);
        const flags = { transpose_a: attribute.bool(false), transpose_b: attribute.bool(false) };
        const [product] = executeOp('MatMul', { T: half, ...flags }, [low!, low!]);
        return executeOp('Cast', { SrcT: half, DstT: float }, [product!])[0]!.arraySync();
      });
      expect(values).toEqual([[7, 10], [15, 22]]); // prettier-ignore
      expect(nativeBackend().binding.getNumOfTensors()).toBe(before);
    });
  },
  ['native'],
);

describe('on the portable engines', () => {
  test("TensorFlow's ops are an error that says which engine computes", async () => {
    await startEngine({ engine: 'wasm', device: 'auto' });
    expect(isNative()).toBe(false);
    expect(() => executeOp('MatMul', {}, [])).toThrow(/need the native engine, and wasm computes/);
  });
});
