import { expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import type { ParameterSlot } from '../../src/model/parameters.js';
import { filled, type Group, type ParameterSpec } from '../../src/model/part.js';
import { adamSlot } from '../../src/ops/adam.js';
import { variable } from '../../src/ops/variable.js';
import { nextUpdates, optimizerStep, type OptimizerOptions } from '../../src/train/optimizer.js';
import { describeEngines } from '../support/engines.js';
import { expectNoLeakedTensors } from '../support/leaks.js';

const options: OptimizerOptions = {
  beta1: 0.9,
  beta2: 0.999,
  epsilon: 1e-8,
  weightDecay: 0,
  clipNorm: null,
  headRateFactor: 1,
  layerRateFactor: 1,
};

interface State {
  weight: number[];
  first: number[];
  updates: number;
}

/** One step of rate 0.1 from these values, with these gradients; what each parameter is after it. Names are their groups. */
function step(
  values: Record<string, tf.TensorLike>,
  gradients: Record<string, tf.TensorLike>,
  changed: Partial<OptimizerOptions> = {},
): { norm: number; after: Record<string, State> } {
  const slots = new Map<string, ParameterSlot>();
  for (const [name, value] of Object.entries(values))
    tf.tidy(() => {
      const tensor = tf.tensor(value);
      const spec: ParameterSpec = { name, shape: tensor.shape, initial: filled(0), group: groupOf(name) };
      slots.set(name, { ...adamSlot(variable(name, tensor)), spec });
    });
  const named = new Map(Object.entries(gradients).map(([name, value]) => [name, tf.tensor(value)]));
  const used = { ...options, ...changed };
  const norm = optimizerStep(slots, named, nextUpdates(slots, [...named.keys()], 0.1, used), used);
  const numbers = (tensor: tf.Tensor) => [...tensor.dataSync()];
  const after = [...slots].map(([name, { weight, first, updates }]) => {
    const state = tf.tidy(() => ({ weight: numbers(weight.read()), first: numbers(first.read()), updates }));
    return [name, state] as const;
  });
  const result = { norm: norm.dataSync()[0]!, after: Object.fromEntries(after) };
  tf.dispose([norm, ...named.values()]);
  for (const { weight, first, second } of slots.values()) [weight, first, second].forEach((v) => v.dispose());
  return result;
}

/** `new` and what begins so, the embeddings, a layer by its number; all else is layer 0. */
function groupOf(name: string): Group {
  if (name === 'embeddings') return name;
  return name.startsWith('new') ? 'new' : Number(name) || 0;
}

const near = (values: number[]) => values.map((value) => expect.closeTo(value, 5));

describeEngines(
  'a step of the optimizer',
  () => {
    test('leaves a parameter without a gradient as it is, its moments too', async () => {
      await expectNoLeakedTensors(() => {
        const { after } = step({ a: [[1, 2]], b: [[3, 4]] }, { a: [[1, 1]] }, { weightDecay: 0.5 });
        expect(after.b).toEqual({ weight: [3, 4], first: [0, 0], updates: 0 });
        expect(after.a!.updates).toBe(1);
        expect(after.a!.weight).not.toEqual([1, 2]);
      });
    });

    test('lets matrices decay, and neither biases nor norms', () => {
      const { after } = step({ matrix: [[2, 4]], bias: [2, 4] }, { matrix: [[0, 0]], bias: [0, 0] }, { weightDecay: 0.5 }); // prettier-ignore
      expect(after.matrix!.weight).toEqual(near([1.9, 3.8]));
      expect(after.bias!.weight).toEqual([2, 4]);
    });

    test('moves the new layers by their own rate', () => {
      const { after } = step({ layer: [0], new: [0] }, { layer: [5], new: [5] }, { headRateFactor: 3 });
      expect(after.layer!.weight).toEqual(near([-0.1]));
      expect(after.new!.weight).toEqual(near([-0.3]));
    });

    test('moves each layer by less than the one above it, the embeddings by the least', () => {
      const ones = { embeddings: [0], 0: [0], 1: [0], 2: [0], new: [0] };
      const gradients = { embeddings: [5], 0: [5], 1: [5], 2: [5], new: [5] };
      const { after } = step(ones, gradients, { layerRateFactor: 0.5, headRateFactor: 3 });
      // By Adam's first step a weight moves by its rate.
      const moved = Object.fromEntries(Object.entries(after).map(([name, { weight }]) => [name, weight[0]]));
      const expected = { embeddings: -0.0125, 0: -0.025, 1: -0.05, 2: -0.1, new: -0.3 };
      for (const [name, value] of Object.entries(expected)) expect(moved[name]).toBeCloseTo(value, 5);
    });

    test('lets a matrix decay by the rate of its layer', () => {
      const zero = { 0: [[0]], 1: [[0]] };
      const { after } = step({ 0: [[2]], 1: [[2]] }, zero, { layerRateFactor: 0.5, weightDecay: 0.5 });
      expect(after[0]!.weight).toEqual(near([2 - 0.1 * 0.5 * 0.5 * 2]));
      expect(after[1]!.weight).toEqual(near([2 - 0.1 * 0.5 * 2]));
    });

    test('takes gradients as they are where they are not to be clipped', () => {
      const { norm, after } = step({ a: [0], b: [0] }, { a: [30], b: [40] });
      expect(norm).toBeCloseTo(50, 4);
      expect([...after.a!.first, ...after.b!.first]).toEqual(near([3, 4]));
    });

    test('scales gradients down to the largest norm, all by one factor, and tells the norm before', () => {
      const { norm, after } = step({ a: [0], b: [0] }, { a: [30], b: [40] }, { clipNorm: 5 });
      expect(norm).toBeCloseTo(50, 4);
      expect([...after.a!.first, ...after.b!.first]).toEqual(near([0.3, 0.4]));
    });

    test('clips large matrices, biases and scalars together', () => {
      const row = (size: number, at: number) =>
        Array.from({ length: size }, (_, i) => Math.sin(at * size + i));
      const matrix = (of: (at: number) => number[]) => Array.from({ length: 300 }, (_, at) => of(at));
      const [wide, bias] = [matrix((at) => row(301, at)), row(70_001, 400)];
      const length = Math.sqrt([...wide.flat(), ...bias, 2].reduce((sum, x) => sum + x * x, 0));
      const zeros = { 0: matrix(() => new Array<number>(301).fill(0)), 1: bias.map(() => 0), 2: 0 };
      const { norm, after } = step(zeros, { 0: wide, 1: bias, 2: 2 }, { clipNorm: 10 });
      expect(norm / length).toBeCloseTo(1, 5);
      const expected = [...wide.flat().slice(-3), ...bias.slice(-3), 2].map((x) => (0.1 * x * 10) / length);
      const found = [...after[0]!.first.slice(-3), ...after[1]!.first.slice(-3), ...after[2]!.first];
      expect(found).toEqual(expected.map((x) => expect.closeTo(x, 6)));
    });

    test('does not scale small gradients up, and stays finite where all are 0', () => {
      expect(step({ a: [0] }, { a: [3] }, { clipNorm: 5 }).after.a!.first).toEqual(near([0.3]));
      expect(step({ a: [1] }, { a: [0] }, { clipNorm: 5 })).toEqual({
        norm: 0,
        after: { a: { weight: [1], first: [0], updates: 1 } },
      });
    });
  },
  ['native', 'webgpu', 'wasm'],
);
