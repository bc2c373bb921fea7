import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import type { EngineName } from '../../src/backend/started.js';
import { outputsOf } from '../../src/data/labels.js';
import { lossAndGradients, predict } from '../../src/model/model.js';
import type { Weights } from '../../src/model/part.js';
import { adamSlot } from '../../src/ops/adam.js';
import { variable } from '../../src/ops/variable.js';
import { nextUpdates, optimizerStep } from '../../src/train/optimizer.js';
import { describeEngines } from '../support/engines.js';
import { fixtureJson } from '../support/fixtures.js';
import { jointFixture, sums, type JointFixture } from '../support/joint.js';
import { expectNoLeakedTensors } from '../support/leaks.js';
import { disposeAll, expectClose, take } from '../support/tensors.js';

const training = {
  trainable: { embeddings: true, layers: [true, true, true] },
  dropout: { dropout: 0, attentionDropout: 0, trunk: 0 },
};
const { cases, optimizer } = fixtureJson('joint/joint.json');
/** Adam makes steps of rounding where a gradient is nearly 0: a hundredth of one step. */
const roundingOfSteps = optimizer.newLayersRate / 100;
const options = {
  beta1: optimizer.beta1,
  beta2: optimizer.beta2,
  epsilon: optimizer.epsilon,
  weightDecay: optimizer.weightDecay,
  clipNorm: optimizer.clipNorm,
  layerRateFactor: 1,
  headRateFactor: optimizer.newLayersRate / optimizer.encoderRate,
};

function tests(engine: EngineName): void {
  const names = ['bert', 'distilbert', 'single'] as const;
  describe.each(engine === 'webgpu' ? names.slice(0, 1) : names)('%s', (name) => {
    let fixture: JointFixture;
    beforeAll(async () => void (fixture = await jointFixture(name)));
    afterAll(() => {
      const { rows, real, targets } = fixture.batch;
      disposeAll([...fixture.parameters.values()], rows, real, targets);
    });

    const compute = (weights: Weights) => lossAndGradients(fixture.model, weights, fixture.batch, training);

    test('gives the same probabilities', () =>
      expectNoLeakedTensors(() => {
        const weights = (parameter: string) => fixture.parameters.get(parameter)!;
        const outputs = predict(fixture.model, weights, fixture.batch).map(take);
        for (const [index, { name, channels }] of fixture.model.head.outputs.entries()) {
          const expected = fixture.expected.get(`logits.${name}`)!.data.map((x) => 1 / (1 + Math.exp(-x)));
          const row = (values: Float32Array, piece: number) =>
            values.subarray(piece * channels.length, (piece + 1) * channels.length);
          for (const piece of fixture.inside)
            expectClose(row(outputs[index]!, piece), row(expected, piece), 1e-5);
        }
      }));

    test('gives the same loss and gradients of every parameter', () =>
      expectNoLeakedTensors(() => {
        const { loss, gradients, counts } = compute((parameter) => fixture.parameters.get(parameter)!);
        disposeAll(counts);
        expect(take(loss)[0]).toBeCloseTo(cases[name].losses[0], 5);
        expect([...gradients.keys()].sort()).toEqual([...fixture.parameters.keys()].sort());
        for (const [parameter, gradient] of gradients) {
          const values = take(gradient);
          const expected = cases[name].parameters[parameter].gradient;
          const tolerance = 1e-4 * expected[0];
          expectClose(sums(values), expected, 2e-6 + tolerance, parameter);
          const stored = fixture.expected.get(`gradient.${parameter}`)?.data ?? []; // the first rows, or none
          expectClose(values.subarray(0, stored.length), stored, 1e-6 + tolerance, parameter);
        }
      }));

    test('has the same parameters after three steps of AdamW with clipping', () =>
      expectNoLeakedTensors(() => {
        const slots = new Map(
          fixture.model.parameters.map((spec) => {
            const value = fixture.parameters.get(spec.name)!;
            return [spec.name, { ...adamSlot(variable(spec.name, value)), spec }];
          }),
        );
        for (let step = 0; step < optimizer.steps; step++)
          tf.tidy(() => {
            const { loss, gradients } = compute((parameter) => slots.get(parameter)!.weight.read());
            expect(take(loss)[0]).toBeCloseTo(cases[name].losses[step], 4);
            const updates = nextUpdates(slots, [...gradients.keys()], optimizer.encoderRate, options);
            const norm = optimizerStep(slots, gradients, updates, options);
            expect(take(norm)[0]).toBeCloseTo(cases[name].gradientNorms[step], 4);
          });
        for (const [parameter, { weight, first, second }] of slots) {
          const [norm, sum] = sums(take(weight.read()));
          for (const each of [weight, first, second]) each.dispose();
          if (/k_lin.bias|key.bias/.test(parameter)) continue; // its gradient is 0 but for rounding
          const [expectedNorm, expectedSum] = cases[name].parameters[parameter].after;
          expectClose([norm], [expectedNorm], 5e-5, parameter);
          expectClose([sum], [expectedSum], roundingOfSteps, parameter);
        }
      }));
  });
}

describeEngines('the model, beside PyTorch,', tests, ['native', 'webgpu', 'wasm']);

test('outputs of the fixture are those of the configured labels', () => {
  const tasks = { ner: { labels: ['A', 'B', 'C'] }, class: { labels: ['D', 'E', 'F', 'G'] } };
  expect(outputsOf(tasks, 'IO', 'perTask').map(({ channels }) => channels.length)).toEqual([3, 4]);
  expect(outputsOf(tasks, 'IO', 'joint').map(({ channels }) => channels.length)).toEqual([12]);
});
