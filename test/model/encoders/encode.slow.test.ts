import { beforeAll, describe, expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { inPrecision } from '../../../src/backend/precision.js';
import { encode } from '../../../src/model/encoders/encode.js';
import {
  encoderFixture,
  hiddenStates,
  inside,
  onEngine,
  tinyEncoders,
  type EncoderFixture,
} from '../../support/encoder.js';
import { describeEngines } from '../../support/engines.js';
import { expectNoLeakedTensors } from '../../support/leaks.js';
import { disposeAll, expectClose, take } from '../../support/tensors.js';

const expectedState = ({ states }: EncoderFixture, layer: number) => states.get(`hidden.${layer}`)!.data;

/** Some rows of the last layer's output, out of order, against those of all that it gives. */
function expectAsked(fixture: EncoderFixture, tolerance: number, all?: Float32Array): void {
  const { parameters, input } = onEngine(fixture);
  const { hidden } = fixture.config;
  const weights = (parameter: string) => parameters[parameter]!;
  const rows = [2, 0, fixture.seq + 1, 2];
  const asked = tf.tensor1d(rows, 'int32');
  const { output } = encode(fixture.config, weights, input, { asked });
  const whole = all ?? take(encode(fixture.config, weights, input).output);
  const expected = rows.flatMap((row) => [...whole.slice(row * hidden, (row + 1) * hidden)]);
  expectClose(output.dataSync() as Float32Array, expected, tolerance);
  disposeAll(parameters, input, output, asked);
}

function tests(): void {
  describe.each(tinyEncoders)('%s', (name) => {
    let fixture: EncoderFixture;
    beforeAll(async () => void (fixture = await encoderFixture(name)));

    test('has the hidden states that transformers has, layer by layer', () =>
      expectNoLeakedTensors(() => {
        const states = hiddenStates(fixture);
        expect(states).toHaveLength(fixture.config.layers + 1);
        states.forEach((state, layer) =>
          expectClose(inside(fixture, state), inside(fixture, expectedState(fixture, layer)), 1e-5),
        );
      }));

    test('does not see what lies in the padding', () =>
      expectNoLeakedTensors(() => {
        const { seq, lengths } = fixture;
        const ids = fixture.ids.map((id, i) => (i % seq < lengths[Math.floor(i / seq)]! ? id : 7 + (i % 50)));
        const [clean, noisy] = [hiddenStates(fixture), hiddenStates({ ...fixture, ids })];
        clean.forEach((state, layer) =>
          expectClose(inside(fixture, noisy[layer]!), inside(fixture, state), 0),
        );
      }));

    test('gives a row of a batch what it gives the row alone, without padding', () =>
      expectNoLeakedTensors(() => {
        const { seq, lengths, config } = fixture;
        const together = hiddenStates(fixture).at(-1)!;
        lengths.forEach((length, row) => {
          const ids = fixture.ids.slice(row * seq, row * seq + length);
          const only = { ...fixture, ids, lengths: Int32Array.of(length), batch: 1, seq: length };
          const start = row * seq * config.hidden;
          const expected = together.subarray(start, start + length * config.hidden);
          expectClose(hiddenStates(only).at(-1)!, expected, 1e-5);
        });
      }));

    test('gives what its last layer gives, and keeps nothing else where nothing is trained', () =>
      expectNoLeakedTensors(() => {
        const { parameters, input } = onEngine(fixture);
        const before = tf.memory().numTensors;
        const { output } = encode(fixture.config, (parameter) => parameters[parameter]!, input);
        expect(tf.memory().numTensors).toBe(before + 1);
        const last = inside(fixture, expectedState(fixture, fixture.config.layers));
        expectClose(inside(fixture, output.dataSync() as Float32Array), last, 1e-5);
        disposeAll(parameters, input, output);
      }));

    test('gives the rows of the last layer that are asked for, in their order', () =>
      expectNoLeakedTensors(() => expectAsked(fixture, 1e-5, expectedState(fixture, fixture.config.layers))));

    test('computes the activation that its config names', () =>
      expectNoLeakedTensors(() => {
        const last = (activation: 'gelu' | 'gelu_new' | 'gelu_pytorch_tanh' | 'relu') =>
          inside(fixture, hiddenStates({ ...fixture, config: { ...fixture.config, activation } }).at(-1)!);
        const exact = last('gelu');
        const distance = (values: Float32Array) => Math.max(...values.map((x, i) => Math.abs(x - exact[i]!)));
        const approximate = last('gelu_new');
        expect(distance(approximate)).toBeGreaterThan(1e-5);
        expect(distance(approximate)).toBeLessThan(1e-2);
        expectClose(last('gelu_pytorch_tanh'), approximate, 0);
        expect(distance(last('relu'))).toBeGreaterThan(0.1);
      }));
  });
}

describeEngines('the encoder', tests, ['native', 'webgpu', 'wasm']);

describeEngines(
  'the encoder in bfloat16',
  () =>
    test.each(tinyEncoders)('%s gives the rows of the last layer that are asked for', async (name) => {
      const fixture = await encoderFixture(name);
      await expectNoLeakedTensors(() => inPrecision('bfloat16', () => expectAsked(fixture, 0.01)));
    }),
  ['native'],
);
