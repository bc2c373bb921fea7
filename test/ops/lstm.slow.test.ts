import { beforeAll, describe, expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { bilstm, bilstmGradient, type LstmKernels } from '../../src/ops/lstm.js';
import type { LstmShape, LstmWeights } from '../../src/ops/lstmCells.js';
import { dot, expectGradient } from '../support/differences.js';
import { describeEngines } from '../support/engines.js';
import { fixtureTensors, type FixtureTensor } from '../support/fixtures.js';
import { expectNoLeakedTensors } from '../support/leaks.js';
import { disposeAll, expectClose, randomNumbers, take } from '../support/tensors.js';

const parts = ['input', 'recurrent', 'bias'] as const;
const pytorchNames = { input: 'weight_ih_l0', recurrent: 'weight_hh_l0', bias: 'bias_l0' };
type Direction = Record<(typeof parts)[number], Float32Array>;

/** A case on the host. `upstream` [batch*seq, 2*units] is 0 in the padding, as a model's gradient is. */
interface Case extends LstmShape {
  width: number;
  units: number;
  lengths: Int32Array;
  x: Float32Array;
  weights: [Direction, Direction];
  upstream: Float32Array;
}

/** Output and gradients on the host. */
function run(given: Case, kernels: LstmKernels | undefined, wanted = { input: true }) {
  const { batch, seq, width, units, lengths } = given;
  const x = tf.tensor2d(given.x, [batch * seq, width]);
  const dy = tf.tensor2d(given.upstream, [batch * seq, 2 * units]);
  const weights = given.weights.map(({ input, recurrent, bias }) => ({
    input: tf.tensor2d(input, [4 * units, width]),
    recurrent: tf.tensor2d(recurrent, [4 * units, units]),
    bias: tf.tensor1d(bias),
  })) as unknown as [LstmWeights, LstmWeights];
  const { output, saved } = bilstm(x, lengths, weights, given, kernels);
  const gradient = bilstmGradient(dy, saved, weights, given, wanted, kernels);
  disposeAll(x, dy, weights, saved);
  return {
    output: take(output),
    input: gradient.input && take(gradient.input),
    weights: gradient.weights.map(({ input, recurrent, bias }) => ({
      input: take(input),
      recurrent: take(recurrent),
      bias: take(bias),
    })),
  };
}

/** Of values [batch*seq, width], those that are padding, or those that are not, set to 0. */
function without(
  values: Float32Array,
  { batch, seq, lengths }: Pick<Case, 'batch' | 'seq' | 'lengths'>,
  what: 'padding' | 'pieces',
): Float32Array {
  const width = values.length / (batch * seq);
  return values.map((value, i) => {
    const row = Math.floor(i / width);
    const padded = row % seq >= lengths[Math.floor(row / seq)]!;
    return padded === (what === 'padding') ? 0 : value;
  });
}

async function pytorchCase(): Promise<{ given: Case; fixture: Map<string, FixtureTensor> }> {
  const fixture = await fixtureTensors('ops/bilstm.safetensors');
  const { shape, data } = fixture.get('x')!;
  const [batch, seq, width] = shape as [number, number, number];
  const lengths = Int32Array.from(fixture.get('lengths')!.data);
  const direction = (suffix: string) =>
    Object.fromEntries(
      parts.map((part) => [part, fixture.get(`bilstm.${pytorchNames[part]}${suffix}`)!.data]),
    ) as Direction;
  const upstream = without(fixture.get('output.gradient')!.data, { batch, seq, lengths }, 'padding');
  const weights: Case['weights'] = [direction(''), direction('_reverse')];
  return { fixture, given: { batch, seq, width, units: 8, lengths, x: data, weights, upstream } };
}

function randomCase(): Case {
  const [batch, seq, width, units] = [4, 20, 12, 16];
  const lengths = Int32Array.of(20, 13, 1, 7);
  const direction = (seed: number): Direction => ({
    input: randomNumbers(4 * units * width, seed),
    recurrent: randomNumbers(4 * units * units, seed + 1),
    bias: randomNumbers(4 * units, seed + 2),
  });
  const upstream = without(randomNumbers(batch * seq * 2 * units, 8), { batch, seq, lengths }, 'padding');
  const x = randomNumbers(batch * seq * width, 7);
  return { batch, seq, width, units, lengths, x, weights: [direction(1), direction(4)], upstream };
}

describeEngines('a bidirectional LSTM', (engine) => {
  let given: Case;
  let fixture: Map<string, FixtureTensor>;
  beforeAll(async () => void ({ given, fixture } = await pytorchCase()));

  const choices: LstmKernels[] = [
    { forward: 'stepwise', backward: 'stepwise' },
    { forward: 'fused', backward: 'stepwise' },
    { forward: 'fused', backward: 'fused' },
  ];
  describe.each(engine === 'native' ? choices : choices.slice(0, 1))('%j', (kernels) => {
    test('has the values and gradients that PyTorch has', () =>
      expectNoLeakedTensors(() => {
        const { output, input, weights } = run(given, kernels);
        expectClose(without(output, given, 'padding'), fixture.get('output')!.data, 1e-5);
        expectClose(input!, fixture.get('x.gradient')!.data, 1e-5);
        for (const [index, suffix] of ['', '_reverse'].entries())
          for (const part of parts)
            expectClose(
              weights[index]![part],
              fixture.get(`bilstm.${pytorchNames[part]}${suffix}.gradient`)!.data,
              1e-5,
            );
      }));

    test('is not changed by what lies in the padding', () =>
      expectNoLeakedTensors(() => {
        const clean = without(given.x, given, 'padding');
        const noise = without(randomNumbers(clean.length, 3), given, 'pieces');
        const [one, other] = [clean, clean.map((x, i) => x + 50 * noise[i]!)].map((x) => run({ ...given, x }, kernels)); // prettier-ignore
        expectClose(without(other!.output, given, 'padding'), without(one!.output, given, 'padding'), 0);
        expectClose(other!.input!, one!.input!, 0);
        expectClose(without(other!.input!, given, 'pieces'), new Float32Array(clean.length), 0);
        for (const index of [0, 1])
          for (const part of parts)
            expectClose(other!.weights[index]![part], one!.weights[index]![part], 1e-6);
      }));

    test('gives each row what it gives the row alone', () =>
      expectNoLeakedTensors(() => {
        const { seq, width, units, lengths } = given;
        const { output } = run(given, kernels);
        lengths.forEach((length, row) => {
          const x = given.x.slice(row * seq * width, (row * seq + length) * width);
          const upstream = new Float32Array(length * 2 * units);
          const alone = run({ ...given, batch: 1, seq: length, lengths: Int32Array.of(length), x, upstream }, kernels); // prettier-ignore
          const start = row * seq * 2 * units;
          expectClose(alone.output, output.subarray(start, start + alone.output.length), 1e-6);
        });
      }));

    test('computes no gradient of the input that nobody wants', () =>
      expectNoLeakedTensors(() => {
        const { input, weights } = run(given, kernels, { input: false });
        expect(input).toBeUndefined();
        expectClose(weights[1]!.recurrent, fixture.get('bilstm.weight_hh_l0_reverse.gradient')!.data, 1e-5);
      }));

    test('has the gradients that differences show', () =>
      expectNoLeakedTensors(() => {
        const { input, weights } = run(given, kernels);
        const value = (change: Partial<Case>) => dot(run({ ...given, ...change }, kernels).output, given.upstream); // prettier-ignore
        expectGradient((x) => value({ x }), given.x, input!);
        const [forward, reverse] = given.weights;
        expectGradient(
          (recurrent) => value({ weights: [forward, { ...reverse, recurrent }] }),
          reverse.recurrent,
          weights[1]!.recurrent,
        );
      }));
  });
});

const both = (kind: 'fused' | 'stepwise'): LstmKernels => ({ forward: kind, backward: kind });

describeEngines(
  "TensorFlow's BlockLSTM",
  () => {
    test('gives what the composition of ops gives, forward and backward', () =>
      expectNoLeakedTensors(() => {
        const given = randomCase();
        const [fused, stepwise] = [run(given, both('fused')), run(given, both('stepwise'))];
        const real = (values: Float32Array) => without(values, given, 'padding');
        expectClose(real(fused.output), real(stepwise.output), 1e-5);
        expectClose(fused.input!, stepwise.input!, 1e-5);
        for (const index of [0, 1])
          for (const part of parts)
            expectClose(fused.weights[index]![part], stepwise.weights[index]![part], 2e-5);
      }));

    test('is what this engine takes forward by default', () =>
      expectNoLeakedTensors(() => {
        const given = randomCase();
        expect(run(given, undefined).output).toEqual(run(given, both('fused')).output);
      }));
  },
  ['native'],
);
