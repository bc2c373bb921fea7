import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { startEngine } from '../../src/backend/engine.js';
import { describeEngines } from '../support/engines.js';
import { expectNoLeakedTensors } from '../support/leaks.js';

type Values = number[][];

/** Numbers that look random, the same on every engine. */
function numbers(shape: number[], seed = 1): tf.Tensor {
  const size = tf.util.sizeFromShape(shape);
  const values = Float32Array.from({ length: size }, (_, i) => 2 * Math.sin(12.9898 * (i + 1) * seed));
  return tf.tensor(values, shape);
}

const row = (values: number[]) => tf.tensor1d(values, 'int32');

/** What a training step of an encoder, a BiLSTM and heads is made of: inputs, and a function of them. */
const operations: Record<string, { inputs: number[][]; f: (...x: tf.Tensor[]) => tf.Tensor }> = {
  product: { inputs: [[5, 3], [3, 4]], f: (a, b) => tf.matMul(a!, b!) }, // prettier-ignore
  'product, first transposed': { inputs: [[3, 5], [3, 4]], f: (a, b) => tf.matMul(a!, b!, true) }, // prettier-ignore
  'product, second transposed': { inputs: [[5, 3], [4, 3]], f: (a, b) => tf.matMul(a!, b!, false, true) }, // prettier-ignore
  'product, both transposed': { inputs: [[3, 5], [4, 3]], f: (a, b) => tf.matMul(a!, b!, true, true) }, // prettier-ignore
  'products in batches': { inputs: [[2, 3, 5, 4], [2, 3, 4, 6]], f: (a, b) => tf.matMul(a!, b!) }, // prettier-ignore
  'products in batches, second transposed': {
    inputs: [[2, 3, 5, 4], [2, 3, 6, 4]], // prettier-ignore
    f: (a, b) => tf.matMul(a!, b!, false, true),
  },
  'products in batches, first transposed': {
    inputs: [[4, 4, 5], [4, 4, 6]], // prettier-ignore
    f: (a, b) => tf.matMul(a!, b!, true, false),
  },
  'a tensor multiplied under two shapes': {
    inputs: [[2, 6], [6, 2]], // prettier-ignore
    f: (a, b) => tf.add(tf.matMul(a!, b!), tf.matMul(tf.reshape(a!, [4, 3]), tf.reshape(b!, [3, 4])).slice(0, 2).slice([0, 0], [2, 2])), // prettier-ignore
  },
  gather: { inputs: [[6, 4]], f: (x) => tf.gather(x!, row([5, 0, 0, 3, 5])) },
  'gather along another axis': { inputs: [[2, 6, 3]], f: (x) => tf.gather(x!, row([5, 0, 3]), 1) },
  erf: { inputs: [[3, 4]], f: (x) => tf.erf(x!) },
  softmax: { inputs: [[2, 3, 4]], f: (x) => tf.softmax(x!) },
  logSoftmax: { inputs: [[3, 4]], f: (x) => tf.logSoftmax(x!) },
  transpose: { inputs: [[2, 3, 4, 5]], f: (x) => tf.transpose(x!, [0, 2, 1, 3]) },
  rsqrt: { inputs: [[3, 4]], f: (x) => tf.rsqrt(tf.add(tf.square(x!), 1)) },
  exp: { inputs: [[3, 4]], f: (x) => tf.exp(x!) },
  log1p: { inputs: [[3, 4]], f: (x) => tf.log1p(tf.abs(x!)) },
  softplus: { inputs: [[3, 4]], f: (x) => tf.softplus(x!) },
  sigmoid: { inputs: [[3, 4]], f: (x) => tf.sigmoid(x!) },
  tanh: { inputs: [[3, 4]], f: (x) => tf.tanh(x!) },
  relu: { inputs: [[3, 4]], f: (x) => tf.relu(x!) },
  split: { inputs: [[3, 8]], f: (x) => { const [a, b] = tf.split(x!, [3, 5], 1); return tf.matMul(a!, b!, true); } }, // prettier-ignore
  slice: { inputs: [[4, 5, 3]], f: (x) => tf.slice(x!, [1, 0, 1], [2, 5, 2]) },
  concat: { inputs: [[2, 3], [4, 3]], f: (a, b) => tf.concat([a!, b!]) }, // prettier-ignore
  pad: { inputs: [[2, 3]], f: (x) => tf.pad(x!, [[1, 0], [0, 2]]) }, // prettier-ignore
  'stack and unstack': { inputs: [[3, 2, 4]], f: (x) => tf.stack(tf.unstack(x!).reverse(), 1) },
  select: { inputs: [[3, 4], [3, 4]], f: (a, b) => tf.where(tf.logicalNot(tf.lessEqual(numbers([3, 4], 3), 0)), a!, b!) }, // prettier-ignore
  'masks cast to numbers': {
    inputs: [[3, 4]],
    f: (x) => tf.mul(x!, tf.cast(tf.greater(numbers([3, 4], 3), 0), 'float32')),
  },
  'bias added to each row': { inputs: [[2, 3, 4], [4]], f: (x, bias) => tf.add(x!, bias!) }, // prettier-ignore
  'division by a column': { inputs: [[3, 4], [3, 1]], f: (x, y) => tf.div(x!, tf.add(tf.square(y!), 1)) }, // prettier-ignore
  'mean and variance': { inputs: [[3, 4]], f: (x) => { const m = tf.moments(x!, -1, true); return tf.add(m.mean, tf.sqrt(m.variance)); } }, // prettier-ignore
  'sum of the first axis': { inputs: [[3, 4, 2]], f: (x) => tf.sum(x!, 0) },
  maximum: { inputs: [[3, 4], [3, 4]], f: (a, b) => tf.maximum(a!, b!) }, // prettier-ignore
  'clip by value': { inputs: [[3, 4]], f: (x) => tf.clipByValue(x!, -1, 1) },
  reverse: { inputs: [[3, 4, 2]], f: (x) => tf.reverse(x!, 1) },
  tile: { inputs: [[2, 3]], f: (x) => tf.tile(x!, [2, 2]) },
  cumsum: { inputs: [[3, 4]], f: (x) => tf.cumsum(x!, 1) },
};

/** The values of f, then its gradients for every input with a dy of its own numbers. */
function run({ inputs, f }: (typeof operations)[string]): Values {
  return tf.tidy(() => {
    const xs = inputs.map((shape, i) => numbers(shape, i + 1));
    const y = f(...xs);
    const gradients = tf.grads((...args: tf.Tensor[]) => f(...args))(xs, numbers(y.shape, 7));
    return [y, ...gradients].map((tensor) => Array.from(tensor.dataSync()));
  });
}

const expected: Record<string, Values> = {};

beforeAll(async () => {
  await startEngine({ engine: 'cpu', device: 'auto' });
  for (const [name, operation] of Object.entries(operations)) expected[name] = run(operation);
});

describeEngines(
  'as on the cpu engine, with gradients',
  () => {
    for (const [name, operation] of Object.entries(operations))
      test(name, async () => {
        const values = await expectNoLeakedTensors(() => run(operation));
        expect(values.map((v) => v.length)).toEqual(expected[name]!.map((v) => v.length));
        const difference = values.flatMap((v, i) => v.map((x, j) => Math.abs(x - expected[name]![i]![j]!)));
        expect(Math.max(...difference)).toBeLessThan(1e-5);
      });
  },
  ['native', 'wasm'],
);

describeEngines('segment sums', () => {
  const sums = (x: tf.Tensor2D, ids: number[], segments: number) =>
    tf.tidy(() => tf.unsortedSegmentSum(x, row(ids), segments).arraySync());

  test('add up the rows of each segment, and leave zeros where there are none', () => {
    const x = tf.tensor2d([[1, 2], [3, 4], [5, 6]]); // prettier-ignore
    expect(sums(x, [2, 0, 2], 4)).toEqual([[3, 4], [0, 0], [6, 8], [0, 0]]); // prettier-ignore
    x.dispose();
  });

  test('of no rows are zero', () => {
    const x = tf.zeros<tf.Rank.R2>([0, 2]);
    expect(sums(x, [], 2)).toEqual([[0, 0], [0, 0]]); // prettier-ignore
    x.dispose();
  });
});

describe('products on wasm', () => {
  beforeAll(async () => void (await startEngine({ engine: 'wasm', device: 'auto' })));
  afterAll(() => tf.disposeVariables());

  test('broadcast batches', () => {
    tf.tidy(() => {
      const [a, b] = [numbers([2, 1, 3, 4]), numbers([3, 4, 5], 2)];
      const product = tf.matMul(a, b);
      expect(product.shape).toEqual([2, 3, 3, 5]);
      const [i, j] = [1, 2];
      const one = tf.matMul(tf.slice(a, [i], [1]).reshape([3, 4]), tf.slice(b, [j], [1]).reshape([4, 5]));
      const part = tf.slice(product, [i, j], [1, 1]).reshape([3, 5]);
      expect(tf.max(tf.abs(tf.sub(one, part))).dataSync()[0]).toBeLessThan(1e-6);
    });
  });

  test('over an inner dimension of length zero are zero', () => {
    const values = tf.tidy(() => tf.matMul(tf.zeros([2, 0]), tf.zeros([0, 2])).arraySync());
    expect(values).toEqual([[0, 0], [0, 0]]); // prettier-ignore
  });
});
