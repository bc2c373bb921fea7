import { beforeAll, expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { attribute, executeOp } from '../../src/backend/native.js';
import { toBfloat16, toFloat32 } from '../../src/ops/bfloat16.js';
import { addNorm16, layerNorm, layerNormGradient } from '../../src/ops/layerNorm.js';
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

describeEngines(
  'our own kernel of layer normalisation',
  () => {
    test.each([
      ['no rows', 0, 8, true],
      ['less than a vector of the processor', 3, 5, true],
      ['no bias', 7, 40, false],
      ['parts on several threads', 700, 300, true],
    ])('gives what the composition of ops gives: %s', (_, count, width, hasBias) =>
      expectNoLeakedTensors(() =>
        tf.tidy(() => {
          const [x, dy] = [randomTensor([count, width], 1), randomTensor([count, width], 2)];
          const [weight, bias] = [randomTensor([width], 3), hasBias ? randomTensor([width], 4) : undefined];
          const [own, composed] = (['own', 'composed'] as const).map((kernel) => {
            const { value, ...kept } = layerNorm(x, weight, bias, 1e-5, kernel);
            const gradient = layerNormGradient(dy, kept, weight, { weights: true, bias: hasBias }, kernel);
            return [value, kept.normal, kept.inverse, gradient.input, gradient.weight!, gradient.bias];
          });
          own!.forEach((one, i) => {
            expect(one?.shape).toEqual(composed![i]?.shape);
            if (one) expectClose(take(one), take(composed![i]!), i < 4 ? 1e-4 : 2e-3);
          });
        }),
      ),
    );

    test('gives the same with the instructions of every processor, and the same bits every time', () =>
      expectNoLeakedTensors(() =>
        tf.tidy(() => {
          const [x, weight, bias] = [
            randomTensor([300, 300], 1),
            randomTensor([300], 2),
            randomTensor([300], 3),
          ];
          const results = [0, 1, 2, 2].map((instructions) => {
            const attributes = { instructions: attribute.int(instructions) };
            const [value, normal, inverse] = executeOp('HostLayerNorm', { ...attributes, epsilon: attribute.float(1e-5) }, [x, weight, bias], 3); // prettier-ignore
            const gradient = executeOp('HostLayerNormGrad', attributes, [x, normal!, inverse!, weight], 3);
            const summed = executeOp('HostAddNorm16', { ...attributes, epsilon: attribute.float(1e-5) }, [toBfloat16(x), x, weight, bias], 2); // prettier-ignore
            return [value!, ...gradient, ...summed].map((one) => take(toFloat32(one)));
          });
          for (const other of [1, 2])
            results[other]!.forEach((values, i) =>
              expectClose(values, results[0]![i]!, i === 5 ? 0.02 : 1e-4),
            );
          expect(results[3]).toEqual(results[2]);
        }),
      ));

    test.each([
      ['no rows', 0, 8],
      ['less than a vector of the processor', 3, 5],
      ['parts on several threads', 700, 300],
    ])('of a sum in bfloat16 gives what the composition of ops gives: %s', (_, count, width) =>
      expectNoLeakedTensors(() =>
        tf.tidy(() => {
          const [x, residual] = [
            toBfloat16(randomTensor([count, width], 1)),
            randomTensor([count, width], 2),
          ];
          const [weight, bias] = [randomTensor([width], 3), randomTensor([width], 4)];
          const [own, composed] = (['own', 'composed'] as const).map((kernel) => {
            const { value, half } = addNorm16(x, residual, weight, bias, 1e-5, kernel);
            const rounded = take(toFloat32(toBfloat16(value)));
            return { value: take(value), half: take(toFloat32(half)), rounded };
          });
          expectClose(own!.value, composed!.value, 1e-4);
          expect(own!.half).toEqual(own!.rounded);
        }),
      ),
    );

    test('refuses weights of another width', () =>
      expectNoLeakedTensors(() =>
        tf.tidy(() =>
          expect(() => layerNorm(tf.zeros([2, 4]), tf.zeros([3]), undefined, 1e-5, 'own')).toThrow(
            /an input has another shape/,
          ),
        ),
      ));
  },
  ['native'],
);
