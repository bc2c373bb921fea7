import { beforeAll, describe, expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { activation, activationWithDerivative, type ActivationName } from '../../src/ops/activation.js';
import { describeEngines } from '../support/engines.js';
import { fixtureTensors, type FixtureTensor } from '../support/fixtures.js';
import { expectNoLeakedTensors } from '../support/leaks.js';
import { expectClose, take } from '../support/tensors.js';

const names: ActivationName[] = ['gelu', 'gelu_new', 'gelu_pytorch_tanh', 'relu'];
const points = [-3, -1, -0.5, 0, 0.5, 1, 3];
const tanhGelu = [-0.00363739, -0.15880801, -0.15428599, 0, 0.34571401, 0.84119199, 2.99636261];
/** As PyTorch computes them. */
const known: Record<ActivationName, number[]> = {
  gelu: [-0.00404969, -0.15865525, -0.15426877, 0, 0.34573123, 0.84134475, 2.99595031],
  gelu_new: tanhGelu,
  gelu_pytorch_tanh: tanhGelu,
  relu: [0, 0, 0, 0, 0.5, 1, 3],
};

/** Value and derivative at x, on the host. */
function both(x: ArrayLike<number>, name: ActivationName) {
  const input = tf.tensor1d(Float32Array.from(x));
  const { value, derivative } = activationWithDerivative(input, name);
  input.dispose();
  return { value: take(value), derivative: take(derivative) };
}

describeEngines('activations', () => {
  describe('the exact GELU, beside PyTorch', () => {
    let fixture: Map<string, FixtureTensor>;
    beforeAll(async () => void (fixture = await fixtureTensors('ops/gelu.safetensors')));

    test('has the same values and gradients', () =>
      expectNoLeakedTensors(() => {
        const { value, derivative } = both(fixture.get('x')!.data, 'gelu');
        expectClose(value, fixture.get('output')!.data, 1e-6);
        const upstream = fixture.get('output.gradient')!.data;
        const gradient = derivative.map((slope, i) => slope * upstream[i]!);
        expectClose(gradient, fixture.get('x.gradient')!.data, 5e-6);
      }));
  });

  test.each(names)('%s has the known values', (name) =>
    expectNoLeakedTensors(() => {
      const x = tf.tensor1d(points);
      const alone = take(activation(x, name));
      x.dispose();
      expectClose(alone, known[name], 1e-6);
      expectClose(both(points, name).value, alone, 5e-7); // our own kernel takes another formula
    }),
  );

  test.each(names)('%s has the derivative that differences show', (name) =>
    expectNoLeakedTensors(() => {
      const step = 1e-2;
      const x = Float32Array.from({ length: 40 }, (_, i) => (i - 19.5) / 5);
      const [above, below] = [step, -step].map((by) => both(x.map((at) => at + by), name).value); // prettier-ignore
      const slopes = above!.map((value, i) => (value - below![i]!) / (2 * step));
      expectClose(both(x, name).derivative, slopes, 2e-4);
    }),
  );

  test.each(names)('%s is finite, with a finite derivative, far from zero', (name) =>
    expectNoLeakedTensors(() => {
      const { value, derivative } = both([-1e4, -80, 80, 1e4], name);
      expect([...value].map((x) => x || 0)).toEqual([0, 0, 80, 1e4]);
      expect([...derivative].map((x) => x || 0)).toEqual([0, 0, 1, 1]);
    }),
  );
});
