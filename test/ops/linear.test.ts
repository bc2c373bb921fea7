import { expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { inPrecision } from '../../src/backend/precision.js';
import { linear, linearGradient, sumRows } from '../../src/ops/linear.js';
import { product } from '../../src/ops/product.js';
import { dot, expectGradient } from '../support/differences.js';
import { describeEngines } from '../support/engines.js';
import { expectNoLeakedTensors } from '../support/leaks.js';
import { disposeAll, expectClose, randomNumbers, randomTensor, take } from '../support/tensors.js';

const [ROWS, IN, OUT] = [5, 4, 3];
const shapes = { x: [ROWS, IN], weight: [OUT, IN], bias: [OUT] };

describeEngines('a linear layer', () => {
  test("is x times the weight's transpose plus the bias", () =>
    expectNoLeakedTensors(() => {
      const x = tf.tensor2d([1, 2, 3, 4], [2, 2]);
      const weight = tf.tensor2d([1, 0, 0, 1, 1, 1], [3, 2]);
      const bias = tf.tensor1d([10, 20, 30]);
      expect([...take(linear(x, weight, bias))]).toEqual([11, 22, 33, 13, 24, 37]);
      disposeAll(x, weight, bias);
    }));

  test.each(['x', 'weight', 'bias'] as const)('has the gradient of %s that differences show', (of) =>
    expectNoLeakedTensors(() => {
      const values = { x: randomNumbers(20, 1), weight: randomNumbers(12, 2), bias: randomNumbers(3, 3) };
      const upstream = randomNumbers(ROWS * OUT, 4);
      const tensor = (name: keyof typeof shapes, data = values[name]) => tf.tensor(data, shapes[name]);
      const output = (at: Float32Array) => {
        const inputs = { ...values, [of]: at };
        const [x, weight, bias] = [tensor('x', inputs.x), tensor('weight', inputs.weight), tensor('bias', inputs.bias)]; // prettier-ignore
        const y = take(linear(x, weight, bias));
        disposeAll(x, weight, bias);
        return dot(y, upstream);
      };
      const [x, weight, dy] = [tensor('x'), tensor('weight'), tf.tensor2d(upstream, [ROWS, OUT])];
      const gradient = linearGradient(dy, x, weight, { input: true, weights: true });
      const wanted = { x: gradient.input!, weight: gradient.weight!, bias: gradient.bias! }[of];
      expectGradient(output, values[of], wanted.dataSync());
      disposeAll(x, weight, dy, gradient);
    }),
  );

  test('computes only the gradients that are asked for', () =>
    expectNoLeakedTensors(() => {
      const [x, weight, dy] = [randomTensor([ROWS, IN], 1), randomTensor([OUT, IN], 2), randomTensor([ROWS, OUT], 3)]; // prettier-ignore
      const input = linearGradient(dy, x, weight, { input: true, weights: false });
      const weights = linearGradient(dy, x, weight, { input: false, weights: true });
      expect([input.weight, input.bias, weights.input]).toEqual([undefined, undefined, undefined]);
      disposeAll(x, weight, dy, input, weights);
    }));
});

describeEngines('a product of matrices', () => {
  test.each([
    [false, false],
    [true, false],
    [false, true],
    [true, true],
  ])('is that of its numbers, transposed: %s, %s', (transposeA, transposeB) =>
    expectNoLeakedTensors(() => {
      const a = randomTensor(transposeA ? [IN, ROWS] : [ROWS, IN], 1);
      const b = randomTensor(transposeB ? [OUT, IN] : [IN, OUT], 2);
      const at = (x: tf.Tensor, row: number, column: number) => x.dataSync()[row * x.shape[1]! + column]!;
      const expected = Array.from({ length: ROWS * OUT }, (_, index) => {
        const [row, column] = [Math.floor(index / OUT), index % OUT];
        let sum = 0;
        for (let k = 0; k < IN; k++)
          sum += (transposeA ? at(a, k, row) : at(a, row, k)) * (transposeB ? at(b, column, k) : at(b, k, column)); // prettier-ignore
        return sum;
      });
      const y = product(a, b, transposeA, transposeB);
      expect(y.shape).toEqual([ROWS, OUT]);
      expectClose(take(y), expected, 1e-6);
      disposeAll(a, b);
    }),
  );

  test('and the sum over its rows', () =>
    expectNoLeakedTensors(() => {
      const x = tf.tensor2d([1, 2, 3, 4, 5, 6], [3, 2]);
      expect([...take(sumRows(x))]).toEqual([9, 12]);
      x.dispose();
    }));
});

describeEngines(
  'a linear layer in bfloat16 by our own kernel',
  () => {
    test('is the product in bfloat16, and the bias added in float32', () =>
      expectNoLeakedTensors(() =>
        inPrecision('bfloat16', () => {
          const [x, weight, bias] = [randomTensor([70, 40], 1), randomTensor([1001, 40], 2), randomTensor([1001], 3)]; // prettier-ignore
          const apart = tf.tidy(() => tf.add(product(x, weight, false, true), bias));
          expect(take(linear(x, weight, bias))).toEqual(take(apart));
          disposeAll(x, weight, bias);
        }),
      ));
  },
  ['native'],
);
