import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { encode } from '../../src/model/encoders/encode.js';
import { lossAndGradients, predict, predictFrom, type ModelDropout } from '../../src/model/model.js';
import type { Trainable } from '../../src/model/part.js';
import { expectGradient } from '../support/differences.js';
import { describeEngines } from '../support/engines.js';
import { jointFixture, type JointFixture } from '../support/joint.js';
import { expectNoLeakedTensors } from '../support/leaks.js';
import { disposeAll, expectClose, take } from '../support/tensors.js';

const everything: Trainable = { embeddings: true, layers: [true, true] };
const nothing: Trainable = { embeddings: false, layers: [false, false] };
const none: ModelDropout = { dropout: 0, attentionDropout: 0, trunk: 0 };

interface Options {
  trainable?: Trainable;
  dropout?: ModelDropout;
  hidden?: tf.Tensor;
  changed?: Record<string, tf.Tensor>;
}

function tests(): void {
  let fixture: JointFixture;
  beforeAll(async () => void (fixture = await jointFixture('bert')));
  afterAll(() => {
    const { rows, real, targets } = fixture.batch;
    disposeAll([...fixture.parameters.values()], rows, real, targets);
  });

  const weights = (name: string) => fixture.parameters.get(name)!;

  /** Loss and gradients on the host; dropout's masks are the same every time. */
  function train({ trainable = everything, dropout = none, hidden, changed = {} }: Options = {}) {
    const { loss, gradients, counts } = lossAndGradients(
      fixture.model,
      (name) => changed[name] ?? weights(name),
      fixture.batch,
      { trainable, dropout, masks: { seed: 4, drawn: 0 }, ...(hidden && { hidden }) },
    );
    return {
      loss: take(loss)[0]!,
      counts: counts.map(take),
      gradients: new Map([...gradients].map(([name, gradient]) => [name, take(gradient)])),
    };
  }

  test('have, with dropout before the BiLSTM and the heads, the gradients that differences show', () =>
    expectNoLeakedTensors(() => {
      const dropout = { ...none, trunk: 0.3 };
      const { gradients } = train({ dropout });
      for (const name of [
        'heads.ner.weight',
        'heads.class.bias',
        'bilstm.weight_ih_l0',
        'bilstm.weight_hh_l0_reverse',
        'bert.encoder.layer.1.output.LayerNorm.bias',
      ]) {
        const value = (at: Float32Array) => {
          const tensor = tf.tensor(at, weights(name).shape);
          const { loss } = train({ trainable: nothing, dropout, changed: { [name]: tensor } });
          tensor.dispose();
          return loss;
        };
        expectGradient(value, weights(name).dataSync() as Float32Array, gradients.get(name)!, name);
      }
    }));

  test('are all that gets gradients over a frozen encoder, and get the same', () =>
    expectNoLeakedTensors(() => {
      const [whole, part] = [train(), train({ trainable: nothing })];
      expect(part.loss).toBeCloseTo(whole.loss, 5); // a frozen encoder takes TensorFlow's GELU
      expect(part.counts).toEqual(whole.counts);
      expect([...part.gradients.keys()].filter((name) => !/^(bilstm|heads)\./.test(name))).toEqual([]);
      expect(part.gradients.size).toBe(6 + 4);
      for (const [name, gradient] of part.gradients)
        expectClose(gradient, whole.gradients.get(name)!, 1e-6, name);
    }));

  describe("over the encoder's output, kept from before,", () => {
    const hiddenOf = () => encode(fixture.model.encoder, weights, fixture.batch).output;

    test('have the same loss and gradients, and leave it to its owner', () =>
      expectNoLeakedTensors(() => {
        const hidden = hiddenOf();
        const [whole, part] = [train({ trainable: nothing }), train({ trainable: nothing, hidden })];
        expect(part).toEqual(whole);
        expect(hidden.isDisposed).toBe(false);
        hidden.dispose();
      }));

    test('predict the same', () =>
      expectNoLeakedTensors(() => {
        const hidden = hiddenOf();
        const whole = predict(fixture.model, weights, fixture.batch).map(take);
        const part = predictFrom(fixture.model, weights, hidden, fixture.batch).map(take);
        expect(part).toEqual(whole);
        hidden.dispose();
      }));
  });
}

describeEngines('the layers above the encoder', tests, ['native', 'wasm']);
