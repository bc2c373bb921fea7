import { beforeAll, describe, expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { join } from 'node:path';
import { encode } from '../../src/model/encoders/encode.js';
import type { EncoderConfig } from '../../src/model/encoders/family.js';
import { familyOf } from '../../src/model/encoders/registry.js';
import {
  maskedLmLoss,
  maskedLmLossAndGradients,
  type MaskedInput,
} from '../../src/model/maskedLmTraining.js';
import { maskedLmParameters, openMaskedLmWeights } from '../../src/model/weights/maskedLm.js';
import { expectGradient } from '../support/differences.js';
import { tinyEncoders } from '../support/encoder.js';
import { describeEngines } from '../support/engines.js';
import { fixtureFolder } from '../support/fixtures.js';
import { expectNoLeakedTensors } from '../support/leaks.js';
import { maskedFixture, type MaskedFixture } from '../support/maskedLm.js';
import { disposeAll, expectClose, randomNumbers, take } from '../support/tensors.js';

const none = { dropout: 0, attentionDropout: 0 };

/** Computes something of the batch with some parameters' values changed; one more position only fills up. */
function compute<T>(
  { ids, positions, labels, lengths, batch, seq }: MaskedFixture,
  parameters: Map<string, { shape: number[]; data: Float32Array }>,
  work: (input: MaskedInput, weights: (name: string) => tf.Tensor) => T,
): T {
  const tensors = new Map([...parameters].map(([name, { shape, data }]) => [name, tf.tensor(data, shape)]));
  const input: MaskedInput = {
    batch,
    seq,
    lengths,
    masked: tf.scalar(positions.length),
    rows: tf.tensor1d(ids, 'int32'),
    positions: tf.tensor1d([...positions, 0], 'int32'),
    labels: tf.tensor1d([...labels, 3], 'int32'),
    weights: tf.tensor2d([...Array.from(positions, () => 1), 0], [positions.length + 1, 1]),
  };
  const result = work(input, (name) => tensors.get(name)!);
  disposeAll(input.rows, input.positions, input.labels, input.weights, input.masked, [...tensors.values()]);
  return result;
}

describeEngines(
  'the training of a masked language model',
  () => {
    describe.each(tinyEncoders)('%s', (name) => {
      let fixture: MaskedFixture;
      let config: EncoderConfig;
      const parameters = new Map<string, { shape: number[]; data: Float32Array }>();
      beforeAll(async () => {
        fixture = await maskedFixture(name);
        const opened = await openMaskedLmWeights(join(fixtureFolder, name));
        ({ config } = opened);
        for (const { name, shape } of maskedLmParameters(config))
          parameters.set(name, { shape, data: await opened.weights.read(name) });
        await opened.weights.close();
      });
      const everything = () => ({ embeddings: true, layers: Array<boolean>(config.layers).fill(true) });

      test("has transformers' loss", () =>
        expectNoLeakedTensors(() => {
          const alone = compute(fixture, parameters, (input, weights) =>
            take(maskedLmLoss(config, weights, input)),
          );
          const { loss, distance, gradients } = compute(fixture, parameters, (input, weights) =>
            maskedLmLossAndGradients(config, weights, input, { trainable: everything(), dropout: none }),
          );
          disposeAll([...gradients.values()]);
          expectClose([alone[0]!, take(loss)[0]!], [fixture.loss, fixture.loss], 1e-5);
          expectClose(take(distance), [0], 0);
        }));

      test('has the gradients that differences show, of the head, the word table, the encoder, with a teacher', () =>
        expectNoLeakedTensors(() => {
          const weight = 0.7;
          const hidden = randomNumbers(fixture.batch * fixture.seq * config.hidden, 5);
          const target = () => tf.tensor(hidden, [fixture.batch * fixture.seq, config.hidden]);
          const gradients = compute(fixture, parameters, (input, weights) => {
            const teacher = { hidden: target(), weight };
            const step = maskedLmLossAndGradients(config, weights, input, {
              trainable: everything(),
              dropout: none,
              teacher,
            });
            disposeAll(teacher.hidden, step.loss, step.distance);
            return new Map([...step.gradients].map(([name, gradient]) => [name, take(gradient)]));
          });
          /** By hand, of the encoder's output. */
          const total = (name: string, at: Float32Array) => {
            const changed = new Map(parameters).set(name, { ...parameters.get(name)!, data: at });
            return compute(fixture, changed, (input, weights) => {
              const output = take(tf.tidy(() => encode(config, weights, input).output));
              let distance = 0;
              let numbers = 0;
              for (let row = 0; row < fixture.batch; row++)
                for (let i = 0; i < fixture.lengths[row]! * config.hidden; i++, numbers++)
                  distance += (output[row * fixture.seq * config.hidden + i]! - hidden[row * fixture.seq * config.hidden + i]!) ** 2; // prettier-ignore
              return take(maskedLmLoss(config, weights, input))[0]! + (weight * distance) / numbers;
            });
          };
          const head = familyOf(config)
            .maskedLm(config)
            .parameters.map(({ name }) => name);
          const words = [...parameters.keys()].find((name) => /word_embeddings|tok_embeddings/.test(name))!;
          const layer = [...parameters.keys()].find((name) =>
            name.startsWith(familyOf(config).layerPrefix(0)),
          )!;
          for (const name of [...head, words, layer])
            expectGradient(
              (at) => total(name, at),
              parameters.get(name)!.data,
              gradients.get(name)!,
              name,
              0.005,
            );
          expect([...gradients.keys()].sort()).toEqual([...parameters.keys()].sort());
        }));

      test('leaves the word table alone where the embeddings are frozen', () =>
        expectNoLeakedTensors(() => {
          const { loss, distance, gradients } = compute(fixture, parameters, (input, weights) =>
            maskedLmLossAndGradients(config, weights, input, {
              trainable: { ...everything(), embeddings: false },
              dropout: none,
            }),
          );
          disposeAll(loss, distance, [...gradients.values()]);
          expect([...gradients.keys()].filter((name) => /word_embeddings|tok_embeddings/.test(name))).toEqual(
            [],
          );
        }));
    });
  },
  ['native', 'wasm'],
);
