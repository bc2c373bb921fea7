import { beforeAll, expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { layerNorm, layerNormGradient } from '../../src/ops/layerNorm.js';
import { describeEngines } from '../support/engines.js';
import { fixtureTensors, type FixtureTensor } from '../support/fixtures.js';
import { expectNoLeakedTensors } from '../support/leaks.js';
import { disposeAll, expectClose, randomTensor, take } from '../support/tensors.js';

const WIDTH = 16;
const EPSILON = 1e-12; // BERT's

describeEngines('layer normalisation', () => {
  let fixture: Map<string, FixtureTensor>;
  beforeAll(async () => void (fixture = await fixtureTensors('ops/layer_norm.safetensors')));

  const rows = (name: string) => tf.tensor2d(fixture.get(name)!.data, [15, WIDTH]);
  const row = (name: string) => tf.tensor1d(fixture.get(name)!.data);
  const expected = (name: string) => fixture.get(name)!.data;

  test('has the values and gradients that PyTorch has', () =>
    expectNoLeakedTensors(() => {
      const [x, weight, bias, dy] = [rows('x'), row('weight'), row('bias'), rows('output.gradient')];
      const normalized = layerNorm(x, weight, bias, EPSILON);
      const gradient = layerNormGradient(dy, normalized, weight, { weights: true });
      disposeAll(x, weight, bias, dy, normalized.normal, normalized.inverse);
      expectClose(take(normalized.value), expected('output'), 1e-5);
      expectClose(take(gradient.input), expected('x.gradient'), 1e-5);
      expectClose(take(gradient.weight!), expected('weight.gradient'), 1e-5);
      expectClose(take(gradient.bias!), expected('bias.gradient'), 1e-5);
    }));

  test('gives no gradients of weights that nobody wants', () =>
    expectNoLeakedTensors(() => {
      const [x, weight, bias, dy] = [rows('x'), row('weight'), row('bias'), rows('output.gradient')];
      const normalized = layerNorm(x, weight, bias, EPSILON);
      const gradient = layerNormGradient(dy, normalized, weight, { weights: false });
      expect([gradient.weight, gradient.bias]).toEqual([undefined, undefined]);
      expectClose(take(gradient.input), expected('x.gradient'), 1e-5);
      disposeAll(x, weight, bias, dy, normalized);
    }));

  test('gives every row mean 0 and variance 1 before weight and bias, also far from zero', () =>
    expectNoLeakedTensors(() => {
      const [x, ones, zeros] = [tf.tidy(() => tf.add(randomTensor([3, WIDTH], 1), 100)), tf.ones([WIDTH]), tf.zeros([WIDTH])]; // prettier-ignore
      const { value, normal, inverse } = layerNorm(x, ones, zeros, EPSILON);
      const { mean, variance } = tf.moments(value, -1);
      expectClose(take(mean), [0, 0, 0], 1e-4);
      expectClose(take(variance), [1, 1, 1], 1e-4);
      disposeAll(x, ones, zeros, value, normal, inverse);
    }));
});
