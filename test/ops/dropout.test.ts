import { expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { attribute, executeOp } from '../../src/backend/native.js';
import { applyMask, dropoutMask, type DropoutMask } from '../../src/ops/dropout.js';
import { describeEngines } from '../support/engines.js';
import { expectNoLeakedTensors } from '../support/leaks.js';
import { expectClose, take } from '../support/tensors.js';

const shape = [50, 100];
/** What a mask multiplies by. */
const factors = (mask: DropoutMask, of = shape) => {
  const ones = tf.ones(of);
  const kept = take(applyMask(ones, mask));
  tf.dispose([ones, mask.kept]);
  return kept;
};
const mask = (rate: number, seed: number, drawn = 0) => factors(dropoutMask(shape, rate, { seed, drawn })!);

describeEngines('dropout', () => {
  test.each([0.1, 0.5, 0.9])('at a rate of %d drops that share and scales the rest up', (rate) =>
    expectNoLeakedTensors(() => {
      const values = [...mask(rate, 3)];
      const dropped = values.filter((value) => value === 0).length / values.length;
      expect(Math.abs(dropped - rate)).toBeLessThan(0.03);
      const kept = [...new Set(values.filter((value) => value !== 0))];
      expect(kept).toEqual([expect.closeTo(1 / (1 - rate), 5)]);
    }),
  );

  test('draws the same mask for the same seed and number', () =>
    expectNoLeakedTensors(() => {
      for (const [seed, number] of [
        [0, 0],
        [3, 1],
        [2 ** 31 - 2, 5],
      ] as const)
        expectClose(mask(0.5, seed, number), mask(0.5, seed, number), 0);
    }));

  test("draws TensorFlow's numbers: the same units are dropped on every engine", () =>
    expectNoLeakedTensors(() => {
      // tf.random.stateless_uniform([7], seed=[3, 1]) and ([9], seed=[2**31 - 2, 5]) in TensorFlow 2.21.
      const known = [
        { seed: 3, drawn: 1, numbers: [0.4414147, 0.6855038, 0.3171899, 0.5536557, 0.8773514, 0.2290753, 0.7130702] },
        { seed: 2 ** 31 - 2, drawn: 5, numbers: [0.5531343, 0.9993389, 0.9598764, 0.6156338, 0.6180561, 0.2970638, 0.757954, 0.7961739, 0.5020753] },
      ]; // prettier-ignore
      for (const { numbers, ...source } of known)
        for (const rate of [0.2, 0.45, 0.555, 0.6859, 0.7581]) {
          const size = [numbers.length];
          const kept = factors(dropoutMask(size, rate, { ...source })!, size).map((value) =>
            Number(value > 0),
          );
          expect([...kept]).toEqual(numbers.map((number) => Number(number >= rate)));
        }
    }));

  test('draws unlike masks for other seeds and numbers', () =>
    expectNoLeakedTensors(() => {
      const first = mask(0.5, 3);
      for (const [seed, number] of [
        [3, 1],
        [3, 2],
        [4, 0],
        [2, 1009],
        [1009 * 3, 0],
      ] as const) {
        const other = mask(0.5, seed, number);
        const share = first.filter((value, i) => value === other[i]).length / first.length;
        expect(Math.abs(share - 0.5)).toBeLessThan(0.03);
      }
    }));

  test('drops rows and columns alike', () =>
    expectNoLeakedTensors(() => {
      const values = tf.tensor(mask(0.5, 8), shape);
      for (const axis of [0, 1]) {
        const means = take(tf.tidy(() => tf.mean(values, axis)));
        expect(Math.max(...means.map((mean) => Math.abs(mean - 1)))).toBeLessThan(0.6);
      }
      values.dispose();
    }));

  test('counts the masks that it has drawn', () =>
    expectNoLeakedTensors(() => {
      const source = { seed: 3, drawn: 0 };
      const [first, second] = [dropoutMask(shape, 0.5, source)!, dropoutMask(shape, 0.5, source)!].map(
        (one) => factors(one),
      );
      expect(source.drawn).toBe(2);
      expectClose(first!, mask(0.5, 3, 0), 0);
      expectClose(second!, mask(0.5, 3, 1), 0);
    }));

  test('at a rate of 0, or without a source, has no mask', () =>
    expectNoLeakedTensors(() => {
      const source = { seed: 3, drawn: 0 };
      expect(dropoutMask(shape, 0, source)).toBeUndefined();
      expect(dropoutMask(shape, 0.5, undefined)).toBeUndefined();
      expect(source.drawn).toBe(0);
    }));

  test('keeps a copy of all where there is no mask', () =>
    expectNoLeakedTensors(() => {
      const x = tf.tensor1d([1, 2, 3]);
      expect([...take(applyMask(x, undefined))]).toEqual([1, 2, 3]);
      expect(x.isDisposed).toBe(false);
      x.dispose();
    }));

  test('keeps what is no number: a product with 0 that is lost must be seen', () =>
    expectNoLeakedTensors(() => {
      const [x, drawn] = [tf.fill(shape, NaN), dropoutMask(shape, 0.5, { seed: 3, drawn: 0 })!];
      expect([...take(applyMask(x, drawn))].every(Number.isNaN)).toBe(true);
      tf.dispose([x, drawn.kept]);
    }));

  test('has the gradient of its mask', () =>
    expectNoLeakedTensors(() => {
      const drawn = dropoutMask(shape, 0.3, { seed: 3, drawn: 0 })!;
      const [x, dy] = [
        tf.randomNormal(shape, 0, 1, 'float32', 1),
        tf.randomNormal(shape, 0, 1, 'float32', 2),
      ];
      const byTape = tf.grad((one: tf.Tensor) => applyMask(one, drawn))(x, dy);
      expectClose(take(byTape), take(applyMask(dy, drawn)), 1e-6);
      tf.dispose([x, dy, drawn.kept]);
    }));
});

describeEngines(
  'a mask of our own kernel',
  () => {
    test.each([1, 3, 4, 63, 130, 140_001])(
      "is what TensorFlow's numbers are, with the instructions of every processor: %d",
      (size) =>
        expectNoLeakedTensors(() =>
          tf.tidy(() => {
            const types = { dtype: attribute.type('float32'), T: attribute.type('int32'), Tseed: attribute.type('int32') }; // prettier-ignore
            const shape = tf.tensor1d([size], 'int32');
            for (const [seed, number, rate] of [
              [7, 2, 0.1],
              [-5, 0, 0.75],
              [2 ** 31 - 1, 12, 1 / 3],
            ] as const) {
              const seeds = tf.tensor1d([seed, number], 'int32');
              const uniform = executeOp('StatelessRandomUniform', types, [shape, seeds])[0]!;
              const expected = Buffer.from(take(tf.greaterEqual(uniform, rate)));
              for (const instructions of [0, 1, 2]) {
                const attributes = { rate: attribute.float(rate), number: attribute.int(number), instructions: attribute.int(instructions) }; // prettier-ignore
                const kept = executeOp('HostDropoutMask', attributes, [shape, tf.scalar(seed, 'int32')])[0]!;
                expect(expected.compare(Buffer.from(take(kept)))).toBe(0);
              }
            }
          }),
        ),
    );
  },
  ['native'],
);
