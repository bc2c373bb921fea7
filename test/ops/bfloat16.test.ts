import { expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { inPrecision } from '../../src/backend/precision.js';
import { hostAddon } from '../../src/backend/start-native.js';
import { createCompiler } from '../../src/compile/compile.js';
import { encode } from '../../src/model/encoders/encode.js';
import { activation } from '../../src/ops/activation.js';
import { attention, attention16 } from '../../src/ops/attention.js';
import { gelu16, linear16, toBfloat16, toFloat32 } from '../../src/ops/bfloat16.js';
import { linear } from '../../src/ops/linear.js';
import { encoderFixture, inside, onEngine, tinyEncoders } from '../support/encoder.js';
import { describeEngines } from '../support/engines.js';
import { expectNoLeakedTensors } from '../support/leaks.js';
import { disposeAll, expectClose, randomTensor, take } from '../support/tensors.js';

const inBfloat16 = (work: () => void) => inPrecision('bfloat16', () => expectNoLeakedTensors(work));

/** Of numbers up to this size, half a unit in bfloat16's last place. */
const half = (size: number) => size / 256;

describeEngines(
  'bfloat16',
  () => {
    test('is rounded to once, and comes back as it is', () =>
      inBfloat16(() => {
        const x = tf.tensor1d([1, 1 + 2 ** -7, 1 + 2 ** -8, 1 + 3 * 2 ** -8, -3.1415927]);
        const once = toBfloat16(x);
        const twice = toBfloat16(once);
        expect([...take(toFloat32(twice))]).toEqual([1, 1 + 2 ** -7, 1, 1 + 2 ** -6, -3.140625]);
        disposeAll(x, once, twice);
      }));

    test('holds a linear layer and its GELU, to the rounding of each op', () =>
      inBfloat16(() => {
        const [x, weight, bias] = [randomTensor([6, 40], 1), randomTensor([5, 40], 2), randomTensor([5], 3)];
        const rounded = [x, weight, bias].map((each) => tf.tidy(() => toFloat32(toBfloat16(each))));
        const exact = exactly(() => linear(rounded[0]!, rounded[1]!, rounded[2]!));
        const largest = Math.max(...exact.map(Math.abs));
        expectClose(take(tf.tidy(() => toFloat32(linear16(x, weight, bias)))), exact, 3 * half(largest));

        const y = tf.tensor(Array.from({ length: 81 }, (_, i) => (i - 40) / 8)); // exact in bfloat16
        const gelu = exactly(() => activation(y, 'gelu'));
        expectClose(take(tf.tidy(() => toFloat32(gelu16(toBfloat16(y))))), gelu, 4 * half(5));
        disposeAll(x, weight, bias, rounded, y);
      }));

    test('compiled, rounds a linear layer with its GELU once, at the end', () =>
      inBfloat16(() => {
        const compiler = createCompiler(hostAddon());
        const [x, weight, bias] = [
          randomTensor([64, 32], 1),
          randomTensor([48, 32], 2),
          randomTensor([48], 3),
        ];
        const rounded = [x, weight, bias].map((each) => tf.tidy(() => toFloat32(toBfloat16(each))));
        const exact = exactly(() => activation(linear(rounded[0]!, rounded[1]!, rounded[2]!), 'gelu'));
        const compute = () =>
          compiler.step('step', { x, weight, bias }, (fed) =>
            toFloat32(gelu16(linear16(fed.x, fed.weight, fed.bias))),
          );
        const [first, compiled] = [0, 1].map(() => take(compute()));
        const errors = [first!, compiled!].map((values) =>
          values.map((value, i) => Math.abs(value - exact[i]!)),
        );
        const wrong = errors[1]!.findIndex((error, i) => error > 1.01 * half(Math.abs(exact[i]!)) + 1e-6);
        expect(wrong).toBe(-1);
        expect(Math.max(...errors[0]!)).toBeGreaterThan(Math.max(...errors[1]!)); // op by op
        compiler.dispose();
        disposeAll(x, weight, bias, rounded);
      }));

    test('holds attention, padding left out', () =>
      inBfloat16(() => {
        const shape = { batch: 3, seq: 7, heads: 2 };
        const inputs = [1, 2, 3].map((seed) => randomTensor([21, 16], seed));
        const bias = tf.tensor4d(
          Float32Array.from({ length: 21 }, (_, i) => (i % 7 > 4 ? -1e9 : 0)),
          [3, 1, 1, 7],
        );
        const [q, k, v] = inputs as [tf.Tensor, tf.Tensor, tf.Tensor];
        const expected = exactly(() => attention(q, k, v, bias, shape, 0, undefined).output);
        const actual = tf.tidy(() => {
          const [q16, k16, v16] = inputs.map(toBfloat16) as [tf.Tensor, tf.Tensor, tf.Tensor];
          return toFloat32(attention16(q16, k16, v16, bias, shape, 0, undefined));
        });
        expectClose(take(actual), expected, 6 * half(1));
        disposeAll(inputs, bias);
      }));

    test('drops the same units in attention as float32 does', () =>
      inBfloat16(() => {
        const shape = { batch: 2, seq: 5, heads: 2 };
        const inputs = [1, 2, 3].map((seed) => randomTensor([10, 16], seed));
        const bias = tf.zeros([2, 1, 1, 5]);
        const [q, k, v] = inputs as [tf.Tensor, tf.Tensor, tf.Tensor];
        const masks = () => ({ seed: 4, drawn: 0 });
        const expected = exactly(() => attention(q, k, v, bias, shape, 0.5, masks()).output);
        const actual = tf.tidy(() => {
          const [q16, k16, v16] = inputs.map(toBfloat16) as [tf.Tensor, tf.Tensor, tf.Tensor];
          return toFloat32(attention16(q16, k16, v16, bias, shape, 0.5, masks()));
        });
        expectClose(take(actual), expected, 12 * half(1));
        disposeAll(inputs, bias);
      }));

    test.each(tinyEncoders)(
      'gives the hidden states of %s that transformers has, to its rounding',
      async (name) => {
        const fixture = await encoderFixture(name);
        const expected = inside(fixture, fixture.states.get(`hidden.${fixture.config.layers}`)!.data);
        const { parameters, input } = onEngine(fixture);
        const { output } = inPrecision('bfloat16', () =>
          encode(fixture.config, (parameter) => parameters[parameter]!, input),
        );
        const actual = inside(fixture, take(output));
        const largest = Math.max(...expected.map(Math.abs));
        expectClose(actual, expected, 10 * half(largest));
        expect(Math.max(...actual.map((value, i) => Math.abs(value - expected[i]!)))).toBeGreaterThan(1e-4);
        disposeAll(parameters, input);
      },
    );
  },
  ['native'],
);

/** Values in float32 products. */
function exactly(compute: () => tf.Tensor): Float32Array {
  return inPrecision('float32', () => take(tf.tidy(compute)));
}
