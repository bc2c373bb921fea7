import { afterAll, beforeAll, expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { randomFrom } from '../../src/data/random.js';
import { encode } from '../../src/model/encoders/encode.js';
import { layerMixOf } from '../../src/model/layerMix.js';
import { lossAndGradients, predict, predictFrom, type Model } from '../../src/model/model.js';
import type { Trainable } from '../../src/model/part.js';
import { expectGradient } from '../support/differences.js';
import { describeEngines } from '../support/engines.js';
import { jointFixture, type JointFixture } from '../support/joint.js';
import { expectNoLeakedTensors } from '../support/leaks.js';
import { disposeAll, expectClose, take } from '../support/tensors.js';

const SHARES = 'layerMix.weight';
const everything: Trainable = { embeddings: true, layers: [true, true] };
const nothing: Trainable = { embeddings: false, layers: [false, false] };
const none = { dropout: 0, attentionDropout: 0, trunk: 0 };

describeEngines('a model that reads a mixture of the outputs of all layers', () => {
  let fixture: JointFixture;
  let mixed: Model;
  beforeAll(async () => {
    fixture = await jointFixture('bert'); // two layers
    mixed = { ...fixture.model, mix: layerMixOf(2) };
  });
  afterAll(() => {
    const { rows, real, targets } = fixture.batch;
    disposeAll([...fixture.parameters.values()], rows, real, targets);
  });

  const valueOf = (name: string) =>
    name === SHARES ? [0.3, -0.4] : Array.from(fixture.parameters.get(name)!.dataSync());
  const shapeOf = (name: string) => (name === SHARES ? [2] : fixture.parameters.get(name)!.shape);

  /** Calls `work` with the fixture's weights, but those that are given. */
  function withWeights<T>(
    changed: Record<string, ArrayLike<number>>,
    work: (weights: (name: string) => tf.Tensor) => T,
  ): T {
    const all = { [SHARES]: valueOf(SHARES), ...changed };
    const made = new Map(
      Object.entries(all).map(([name, values]) => [
        name,
        tf.tensor(Float32Array.from(values), shapeOf(name)),
      ]),
    );
    try {
      return work((name) => made.get(name) ?? fixture.parameters.get(name)!);
    } finally {
      disposeAll([...made.values()]);
    }
  }

  function train(changed: Record<string, ArrayLike<number>>, trainable = everything) {
    return withWeights(changed, (weights) => {
      const { loss, gradients, counts } = lossAndGradients(mixed, weights, fixture.batch, {
        trainable,
        dropout: none,
      });
      disposeAll(counts);
      return {
        loss: take(loss)[0]!,
        gradients: new Map([...gradients].map(([name, gradient]) => [name, take(gradient)])),
      };
    });
  }

  test('is the same as without where the last layer has all of it', () =>
    expectNoLeakedTensors(() => {
      const found = withWeights({ [SHARES]: [-200, 0] }, (weights) => predict(mixed, weights, fixture.batch).map(take)); // prettier-ignore
      const plain = predict(fixture.model, (name) => fixture.parameters.get(name)!, fixture.batch).map(take);
      expect(found).toEqual(plain);
    }));

  test('reads the mean of all where their shares are alike, as they are at the start', () =>
    expectNoLeakedTensors(() => {
      const start = mixed.mix!.parameters[0]!.initial(2, randomFrom(1));
      const found = withWeights({ [SHARES]: start }, (weights) => predict(mixed, weights, fixture.batch).map(take)); // prettier-ignore
      const weights = (name: string) => fixture.parameters.get(name)!;
      const outputs = [1, 2].map(
        (until) => encode(fixture.model.encoder, weights, fixture.batch, { until }).output,
      );
      const { shape } = outputs[0]!;
      const [first, second] = outputs.map(take);
      const mean = tf.tensor(
        first!.map((value, i) => (value + second![i]!) / 2),
        shape,
      );
      const expected = predictFrom(fixture.model, weights, mean, fixture.batch).map(take);
      mean.dispose();
      found.forEach((values, output) => expectClose(values, expected[output]!, 1e-5));
    }));

  test('has the gradients that differences show', () =>
    expectNoLeakedTensors(() => {
      const { gradients } = train({});
      for (const name of [
        SHARES,
        'heads.ner.weight',
        'bilstm.weight_ih_l0',
        'bert.encoder.layer.1.output.LayerNorm.bias',
        'bert.encoder.layer.0.output.LayerNorm.bias',
        'bert.encoder.layer.0.attention.self.value.weight',
        'bert.embeddings.position_embeddings.weight',
      ]) {
        const value = (at: Float32Array) => train({ [name]: at }, nothing).loss;
        expectGradient(value, Float32Array.from(valueOf(name)), gradients.get(name)!, name);
      }
    }));

  test('has that of its shares, and none of its layers, over a frozen encoder', () =>
    expectNoLeakedTensors(() => {
      const [whole, part] = [train({}), train({}, nothing)];
      expect([...part.gradients.keys()].filter((name) => name.startsWith('bert.'))).toEqual([]);
      expect(part.gradients.size).toBe(1 + 6 + 4);
      for (const [name, gradient] of part.gradients)
        expectClose(gradient, whole.gradients.get(name)!, 1e-6, name); // frozen layers take TensorFlow's GELU
    }));
});
