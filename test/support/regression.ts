import * as tf from '@tensorflow/tfjs-core';
import { nativeBackend } from '../../src/backend/native.js';
import type { Compiler, Fed } from '../../src/compile/compile.js';
import { adamNumbers, adamSlot, adamUpdate, type AdamSlot } from '../../src/ops/adam.js';
import { tidy } from '../../src/ops/tidy.js';
import { variable } from '../../src/ops/variable.js';

const options = { beta1: 0.9, beta2: 0.999, epsilon: 1e-8 };

/** How many tensors TensorFlow.js has, and how many TensorFlow has. */
export const alive = () => [tf.memory().numTensors, nativeBackend().binding.getNumOfTensors()];

export const start = () =>
  tidy(() => adamSlot(variable('w', tf.tensor2d([1, -2, 3, 0.5, 0.25, -1], [3, 2]))));

export const dispose = ({ weight, first, second }: AdamSlot) =>
  [weight, first, second].forEach((one) => one.dispose());

export const valuesOf = ({ weight, first, second }: AdamSlot) =>
  tidy(() => [weight, first, second].map((one) => [...one.read().dataSync()]));

/** What a step of `regression` is given: other numbers every time. */
export function inputsOf(slot: AdamSlot, number: number, rows = 4) {
  return {
    x: {
      values: Float32Array.from({ length: rows * 3 }, (_, i) => Math.sin(i + number)),
      shape: [rows, 3],
    },
    slope: 1 / (1 + number),
    numbers: adamNumbers(number + 1, { rate: 0.1 / (1 + number), decay: 0.01 }, options),
    variables: [slot.weight.handle!, slot.first.handle!, slot.second.handle!],
  };
}

/** One update of a regression; `called` counts how often its JavaScript runs. */
export function update(slot: AdamSlot, called = { times: 0 }) {
  return (fed: Fed<ReturnType<typeof inputsOf>>) => {
    called.times += 1;
    const weight = slot.weight.read(); // [3, 2]
    const y = tf.matMul(fed.x, weight);
    const wrong = tf.sub(y, tf.relu(tf.mul(y, fed.slope)));
    const gradient = tf.matMul(fed.x, wrong, true, false);
    weight.dispose();
    adamUpdate(slot, gradient, fed.numbers, { ...options, decays: true });
    return { loss: tf.sum(tf.square(wrong)) };
  };
}

/** A compiled step of it. */
export function regression(
  compiler: Compiler,
  slot: AdamSlot,
  number: number,
  { key = 'regression', rows = 4, called = { times: 0 } } = {},
) {
  return compiler.step(key, inputsOf(slot, number, rows), update(slot, called));
}
