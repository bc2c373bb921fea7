import { beforeAll, describe, expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { startEngine } from '../../src/backend/engine.js';
import {
  contrastiveLoss,
  pairLossAndGradients,
  type ContrastiveOptions,
} from '../../src/model/contrastive.js';
import { encoderFixture, type TinyEncoder } from '../support/encoder.js';
import { expectGradient } from '../support/differences.js';
import { expectNoLeakedTensors } from '../support/leaks.js';
import { randomNumbers, take } from '../support/tensors.js';

beforeAll(() => startEngine({ engine: 'auto', device: 'cpu' }));

const [N, WIDTH, TEMPERATURE] = [4, 6, 0.3];

/** The loss, written out number by number. */
function slowLoss(first: Float32Array, second: Float32Array, alike: Float32Array): number {
  const cosine = (i: number, j: number) => {
    let sum = 0;
    for (let d = 0; d < WIDTH; d++) sum += first[i * WIDTH + d]! * second[j * WIDTH + d]!;
    return sum / TEMPERATURE;
  };
  const all = [...Array(N).keys()];
  const entropy = (i: number, score: (j: number) => number, excluded: (j: number) => boolean) =>
    Math.log(all.reduce((sum, j) => sum + (excluded(j) ? 0 : Math.exp(score(j))), 0)) - score(i);
  const pairs = all.map(
    (i) =>
      entropy(
        i,
        (j) => cosine(i, j),
        (j) => alike[i * N + j] === 1,
      ) +
      entropy(
        i,
        (j) => cosine(j, i),
        (j) => alike[j * N + i] === 1,
      ),
  );
  return pairs.reduce((sum, each) => sum + each, 0) / (2 * N);
}

const first = Float32Array.from(randomNumbers(N * WIDTH, 1));
const second = Float32Array.from(randomNumbers(N * WIDTH, 2));
const alike = new Float32Array(N * N);
alike[1] = alike[N] = 1; // pairs 0 and 1 mean the same

const compute = (a: Float32Array, b: Float32Array) =>
  tf.tidy(() => {
    const { loss, ...d } = contrastiveLoss(
      tf.tensor2d(a, [N, WIDTH]),
      tf.tensor2d(b, [N, WIDTH]),
      tf.tensor2d(alike, [N, N]),
      TEMPERATURE,
    );
    return {
      loss: loss.dataSync()[0]!,
      first: [...d.first.dataSync()],
      second: [...d.second.dataSync()],
    };
  });

describe('the contrastive loss', () => {
  test('is what its formula says, without the pairs that mean the same', () => {
    expect(compute(first, second).loss).toBeCloseTo(slowLoss(first, second, alike), 5);
  });

  test('has the gradients of its formula', () => {
    const { first: dFirst, second: dSecond } = compute(first, second);
    expectGradient((at) => slowLoss(at, second, alike), first, dFirst, 'first');
    expectGradient((at) => slowLoss(first, at, alike), second, dSecond, 'second');
  });

  test('stays a number where cosines over the temperature are large', () => {
    const large = first.map((value) => value * 300);
    expect(Number.isFinite(compute(large, large).loss)).toBe(true);
  });
});

/** Two pairs of sentences for a tiny encoder, and what its loss is of. */
async function paired(name: TinyEncoder) {
  const { config, parameters, ids } = await encoderFixture(name);
  const [batch, seq] = [4, 5];
  const lossWith = (
    options: Partial<ContrastiveOptions> = {},
    changed?: { name: string; at: Float32Array },
  ) =>
    tf.tidy(() => {
      const weights = (parameter: string) => {
        const { data, shape } = parameters.get(parameter)!;
        return tf.tensor(parameter === changed?.name ? changed.at : data, shape);
      };
      const input = {
        batch,
        seq,
        alike: new Float32Array(4),
        lengths: Int32Array.of(5, 3, 2, 4),
        rows: tf.tensor1d(ids.slice(0, batch * seq), 'int32'),
      };
      const { loss, gradients } = pairLossAndGradients(config, weights, input, {
        temperature: 0.5,
        dropout: { dropout: 0, attentionDropout: 0 },
        trainable: { embeddings: false, layers: Array<boolean>(config.layers).fill(true) },
        ...options,
      });
      return {
        loss: loss.dataSync()[0]!,
        gradients: [...gradients].map(([key, d]) => [key, take(d)] as const),
      };
    });
  return { config, parameters, lossWith };
}

describe('the loss of pairs of sentences', () => {
  test.each(['tiny-distilbert', 'tiny-bert'] as const)(
    'has the gradients of the layers, and none of the embeddings (%s)',
    async (name) => {
      const { parameters, lossWith } = await paired(name);
      const { gradients } = lossWith();
      const layered = [...parameters.keys()].filter((key) => /layer\.\d/.test(key));
      expect(gradients.map(([key]) => key).sort()).toEqual(layered.sort());
      for (const [key, gradient] of gradients.filter((_, i) => i % 5 === 0))
        expectGradient(
          (at) => lossWith({}, { name: key, at }).loss,
          parameters.get(key)!.data,
          gradient,
          key,
        );
    },
  );

  test('leaves no tensor behind, with dropout and a frozen layer', async () => {
    const { lossWith } = await paired('tiny-bert');
    await expectNoLeakedTensors(() => {
      lossWith({
        dropout: { dropout: 0.1, attentionDropout: 0.1 },
        trainable: { embeddings: false, layers: [false, true, true] },
        masks: { seed: 1, drawn: 0 },
      });
    });
  });
});
