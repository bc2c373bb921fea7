import { beforeAll, describe, expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { builtFlavour } from '../../src/backend/built.js';
import { visibleGpus } from '../../src/backend/gpus.js';
import { attribute, executeOp } from '../../src/backend/native.js';
import { bilstm, bilstmGradient, type LstmKernel } from '../../src/ops/lstm.js';
import type { LstmShape, LstmWeights } from '../../src/ops/lstmCells.js';
import { dot, expectGradient } from '../support/differences.js';
import { describeEngines } from '../support/engines.js';
import { fixtureTensors, type FixtureTensor } from '../support/fixtures.js';
import { expectNoLeakedTensors } from '../support/leaks.js';
import { disposeAll, expectClose, randomNumbers, take } from '../support/tensors.js';

// On a card these tests need NVIDIA_TF32_OVERRIDE=0 (docs/cuda.md): products are of ten binary digits else.
const hasCard = builtFlavour() === 'cuda' && visibleGpus().length > 0;
const fastest = hasCard ? 'cudnn' : 'own';

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
function run(given: Case, kernel: LstmKernel | undefined, wanted = { input: true }) {
  const { batch, seq, width, units, lengths } = given;
  const x = tf.tensor2d(given.x, [batch * seq, width]);
  const dy = tf.tensor2d(given.upstream, [batch * seq, 2 * units]);
  const weights = given.weights.map(({ input, recurrent, bias }) => ({
    input: tf.tensor2d(input, [4 * units, width]),
    recurrent: tf.tensor2d(recurrent, [4 * units, units]),
    bias: tf.tensor1d(bias),
  })) as unknown as [LstmWeights, LstmWeights];
  const { output, saved } = bilstm(x, lengths, weights, given, kernel);
  const gradient = bilstmGradient(dy, saved, weights, given, wanted);
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

function randomCase({ batch, seq, width, units } = { batch: 4, seq: 20, width: 12, units: 16 }): Case {
  const lengths = Int32Array.from({ length: batch }, (_, row) => seq - ((row * 7) % seq));
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

  if (engine === 'native')
    test.skip(hasCard ? 'our own kernel is for CPUs' : "cuDNN's kernel needs a CUDA card", () => {});
  describe.each<LstmKernel>(engine === 'native' ? ['stepwise', fastest] : ['stepwise'])('%s', (kernel) => {
    test('has the values and gradients that PyTorch has', () =>
      expectNoLeakedTensors(() => {
        const { output, input, weights } = run(given, kernel);
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
        const [one, other] = [clean, clean.map((x, i) => x + 50 * noise[i]!)].map((x) => run({ ...given, x }, kernel)); // prettier-ignore
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
        const { output } = run(given, kernel);
        lengths.forEach((length, row) => {
          const x = given.x.slice(row * seq * width, (row * seq + length) * width);
          const upstream = new Float32Array(length * 2 * units);
          const alone = run({ ...given, batch: 1, seq: length, lengths: Int32Array.of(length), x, upstream }, kernel); // prettier-ignore
          const start = row * seq * 2 * units;
          expectClose(alone.output, output.subarray(start, start + alone.output.length), 1e-6);
        });
      }));

    test('computes no gradient of the input that nobody wants', () =>
      expectNoLeakedTensors(() => {
        const { input, weights } = run(given, kernel, { input: false });
        expect(input).toBeUndefined();
        expectClose(weights[1]!.recurrent, fixture.get('bilstm.weight_hh_l0_reverse.gradient')!.data, 1e-5);
      }));

    test('has the gradients that differences show', () =>
      expectNoLeakedTensors(() => {
        const { input, weights } = run(given, kernel);
        const value = (change: Partial<Case>) => dot(run({ ...given, ...change }, kernel).output, given.upstream); // prettier-ignore
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

describeEngines(
  'an LSTM on the native engine',
  () => {
    test.each([
      randomCase(),
      randomCase({ batch: 13, seq: 9, width: 5, units: 19 }),
      randomCase({ batch: 1, seq: 1, width: 3, units: 1 }),
      randomCase({ batch: 7, seq: 4, width: 8, units: 130 }),
    ])(
      `by the ${fastest} kernel gives what the composition of ops gives, forward and backward: case %#`,
      (given) =>
        expectNoLeakedTensors(() => {
          const [one, stepwise] = [run(given, fastest), run(given, 'stepwise')];
          const real = (values: Float32Array) => without(values, given, 'padding');
          expectClose(real(one.output), real(stepwise.output), 1e-5);
          expectClose(one.input!, stepwise.input!, 1e-5);
          for (const index of [0, 1])
            for (const part of parts)
              expectClose(one.weights[index]![part], stepwise.weights[index]![part], 3e-5);
        }),
    );

    test(`by the ${fastest} kernel is what is taken by default`, () =>
      expectNoLeakedTensors(() => {
        const given = randomCase();
        expect(run(given, undefined)).toEqual(run(given, fastest));
      }));
  },
  ['native'],
);

(hasCard ? describe.skip : describeEngines)(
  'our own LSTM kernel, for CPUs',
  () => {
    test('is the same with the instructions of every processor', () =>
      expectNoLeakedTensors(() =>
        tf.tidy(() => {
          const [batch, seq, units] = [5, 6, 21];
          const rows = (width: number, seed: number) =>
            tf.tensor2d(randomNumbers(batch * seq * width, seed), [batch * seq, width]);
          const recurrent = tf.tensor2d(randomNumbers(4 * units * units, 3), [4 * units, units]);
          const lengths = tf.tensor1d([6, 1, 0, 4, 5], 'int32');
          const [gates, dy] = [rows(4 * units, 1), rows(units, 2)];
          const [plain, ...others] = [0, 1, 2].map((instructions) => {
            const attributes = { reverse: attribute.bool(true), instructions: attribute.int(instructions) };
            const all = executeOp('HostLstm', attributes, [gates, recurrent, lengths], 4);
            const back = [dy, all[2]!, all[3]!, recurrent, lengths];
            return [...all, ...executeOp('HostLstmGrad', attributes, back)].map((one) => take(one));
          });
          for (const other of others) other.forEach((values, i) => expectClose(values, plain![i]!, 1e-5));
        }),
      ));

    test('lets what is no number come through, from where it stands on, and in no other row', () =>
      expectNoLeakedTensors(() => {
        const given = randomCase({ batch: 2, seq: 4, width: 3, units: 5 });
        const x = given.x.map((value, i) => (i === 2 * 3 ? NaN : value)); // the first row's third position
        const { output, weights } = run({ ...given, lengths: Int32Array.of(4, 4), x }, 'own');
        const isLost = Array.from({ length: 8 }, (_, row) => [0, 5].map((unit) => Number.isNaN(output[row * 10 + unit]!))); // prettier-ignore
        const no = [false, false];
        expect(isLost.slice(0, 4)).toEqual([[false, true], [false, true], [true, true], [true, false]]); // prettier-ignore
        expect(isLost.slice(4)).toEqual([no, no, no, no]);
        expect(weights.map(({ recurrent }) => Number.isNaN(recurrent[0]!))).toEqual([true, true]);
      }));

    test('refuses rows that do not go with lengths and weights', () =>
      expectNoLeakedTensors(() =>
        tf.tidy(() => {
          const call = (rows: number, gates: number, lengths: number[]) => () =>
            executeOp('HostLstm', { reverse: attribute.bool(false) }, [tf.zeros([rows, gates]), tf.zeros([8, 2]), tf.tensor1d(lengths, 'int32')], 4); // prettier-ignore
          expect(call(6, 8, [3, 2])).not.toThrow();
          expect(call(6, 8, [4, 2])).toThrow(/a length is more than there are rows/);
          expect(call(6, 8, [-1, 2])).toThrow(/a length is more/);
          expect(call(7, 8, [3, 2])).toThrow(/the rows are not as many for each length/);
          expect(call(6, 12, [3, 2])).toThrow(/gates are \[batch \* seq, 4 \* units\]/);
        }),
      ));
  },
  ['native'],
);
