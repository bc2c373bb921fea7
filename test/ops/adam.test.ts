import { expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { adamSlot, adamNumbers, adamUpdate, type AdamSlot } from '../../src/ops/adam.js';
import { variable } from '../../src/ops/variable.js';
import { describeEngines } from '../support/engines.js';
import { expectNoLeakedTensors } from '../support/leaks.js';
import { expectClose, randomNumbers, take } from '../support/tensors.js';

const options = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };
const [RATE, DECAY, SIZE, STEPS] = [1e-2, 0.1, 12, 5];
const gradientOf = (step: number) => randomNumbers(SIZE, 10 + step);

function slotOf(values: Float32Array): AdamSlot {
  const start = tf.tensor1d(values);
  const slot = adamSlot(variable('x', start));
  start.dispose();
  return slot;
}

function disposeSlot({ weight, first, second }: AdamSlot): void {
  for (const each of [weight, first, second]) each.dispose();
}

/** The next update of a slot. */
function update(slot: AdamSlot, gradient: tf.Tensor, decay: number, used = options): void {
  const numbers = adamNumbers(++slot.updates, { rate: RATE, decay }, used);
  adamUpdate(slot, gradient, numbers, { ...used, decays: decay > 0 });
}

/** Weight and moments after some steps. `composed`: as an engine without TensorFlow's own op computes it. */
function train(
  values: Float32Array,
  { steps = STEPS, decay = DECAY, epsilon = 1e-8, composed = false } = {},
) {
  const slot = slotOf(values);
  const { handle: _, ...weight } = slot.weight;
  const used = composed ? { ...slot, weight } : slot;
  for (let step = 0; step < steps; step++) {
    const gradient = tf.tensor1d(gradientOf(step));
    update(used, gradient, decay, { ...options, epsilon });
    gradient.dispose();
  }
  expect(used.updates).toBe(steps);
  const [w, m, v] = [slot.weight, slot.first, slot.second].map((each) => take(each.read()));
  disposeSlot(slot);
  return { weight: w!, first: m!, second: v! };
}

/** AdamW as PyTorch documents it, in double precision. */
function reference(values: Float32Array, { decay = DECAY, epsilon = 1e-8 } = {}): number[] {
  return Array.from(values, (start, i) => {
    let [x, m, v] = [start, 0, 0];
    for (let step = 0; step < STEPS; step++) {
      const g = gradientOf(step)[i]!;
      x -= RATE * decay * x;
      m = options.beta1 * m + (1 - options.beta1) * g;
      v = options.beta2 * v + (1 - options.beta2) * g * g;
      const [mean, square] = [m / (1 - options.beta1 ** (step + 1)), v / (1 - options.beta2 ** (step + 1))];
      x -= (RATE * mean) / (Math.sqrt(square) + epsilon);
    }
    return x;
  });
}

describeEngines('AdamW', (engine) => {
  const start = randomNumbers(SIZE, 1);

  test.each([
    ['with decay', { decay: DECAY }],
    ['without decay', { decay: 0 }],
    ['with an epsilon that matters', { epsilon: 0.1 }],
  ])("makes PyTorch's steps %s", (_, given) =>
    expectNoLeakedTensors(() => expectClose(train(start, given).weight, reference(start, given), 2e-6)),
  );

  if (engine === 'native')
    test('as one op is what it is when composed', () =>
      expectNoLeakedTensors(() => {
        const [fused, composed] = [train(start), train(start, { composed: true })];
        for (const part of ['weight', 'first', 'second'] as const)
          expectClose(fused[part], composed[part], 2e-6);
      }));

  test('first goes one rate against the sign of the gradient', () =>
    expectNoLeakedTensors(() => {
      const { weight } = train(start, { steps: 1, decay: 0 });
      const expected = start.map((x, i) => x - RATE * Math.sign(gradientOf(0)[i]!));
      expectClose(weight, expected, 1e-6);
    }));

  test('starts with moments of zero and leaves the gradient to its owner', () =>
    expectNoLeakedTensors(() => {
      const slot = slotOf(start);
      expect([...take(slot.first.read()), ...take(slot.second.read())]).toEqual(new Array(2 * SIZE).fill(0));
      const gradient = tf.tensor1d(gradientOf(0));
      update(slot, gradient, DECAY);
      expect(gradient.dataSync()).toEqual(gradientOf(0));
      gradient.dispose();
      disposeSlot(slot);
    }));

  test('leaves alone what was read before an update', () =>
    expectNoLeakedTensors(() => {
      const slot = slotOf(start);
      const before = slot.weight.read();
      const gradient = tf.tensor1d(gradientOf(0));
      update(slot, gradient, 0);
      expect(take(before)).toEqual(start);
      gradient.dispose();
      disposeSlot(slot);
    }));
});
