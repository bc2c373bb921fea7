import { expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { attribute, executeOp } from '../../src/backend/native.js';
import { attendHeads, attention, mergeHeads, splitHeads } from '../../src/ops/attention.js';
import { dropoutMask, type DropoutMask } from '../../src/ops/dropout.js';
import { describeEngines } from '../support/engines.js';
import { expectNoLeakedTensors } from '../support/leaks.js';
import { expectClose, randomTensor, take } from '../support/tensors.js';

interface Case {
  batch: number;
  seq: number;
  heads: number;
  size: number;
  bias: number[];
}
interface Given extends Case {
  projected: tf.Tensor[]; // query, key, value
  added: tf.Tensor;
  mask?: DropoutMask;
}

const RATE = 0.3;
const none = () => tf.tensor([], [0], 'bool');
const leaksNothing = (work: () => void) => expectNoLeakedTensors(() => tf.tidy(work));

function given(one: Case, drops = true): Given {
  const { batch, seq, heads, size, bias } = one;
  const shape = [batch * seq, heads * size];
  return {
    ...one,
    projected: [1, 2, 3].map((seed) => randomTensor(shape, seed)),
    added: tf.mul(randomTensor(bias, 4), 2),
    mask: drops ? dropoutMask([batch, heads, seq, seq], RATE, { seed: 5, drawn: 0 }) : undefined,
  };
}

/** Output and weights by our own kernel; `most`: the instructions that it may use. */
function own({ projected, added, mask, heads }: Given, most = 2, keep = true): [tf.Tensor, tf.Tensor] {
  const attributes = { ...shared(heads, mask, most), keep: attribute.bool(keep) };
  const inputs = [...projected, added, mask?.kept ?? none()];
  return executeOp('HostAttention', attributes, inputs, 2) as [tf.Tensor, tf.Tensor];
}

function ownGradient(
  { projected, mask, heads }: Given,
  dy: tf.Tensor,
  weights: tf.Tensor,
  most = 2,
): tf.Tensor[] {
  const inputs = [dy, ...projected, weights, mask?.kept ?? none()];
  return executeOp('HostAttentionGrad', shared(heads, mask, most), inputs, 3);
}

const shared = (heads: number, mask: DropoutMask | undefined, most: number) => ({
  rate: attribute.float(mask ? RATE : 0),
  heads: attribute.int(heads),
  instructions: attribute.int(most),
});

/** The same by TensorFlow.js' own ops, of which its tape knows the gradient. */
function composed(
  { batch, seq, heads, size, added, mask }: Given,
  [query, key, value]: tf.Tensor[],
): tf.Tensor {
  const [q, k, v] = [query, key, value].map((x) => splitHeads(x!, { batch, seq, heads }));
  const scores = tf.add(tf.mul(tf.matMul(q!, k!, false, true), 1 / Math.sqrt(size)), added);
  const weights = tf.softmax(scores);
  const factors = mask ? tf.mul(tf.cast(mask.kept, 'float32'), 1 / (1 - RATE)) : tf.onesLike(weights);
  return mergeHeads(tf.matMul(tf.mul(weights, factors), v!));
}

describeEngines(
  'our own kernel of attention',
  () => {
    test.each<Case>([
      { batch: 2, seq: 16, heads: 3, size: 64, bias: [2, 1, 1, 16] },
      { batch: 3, seq: 7, heads: 2, size: 8, bias: [1, 2, 1, 7] },
      { batch: 1, seq: 1, heads: 1, size: 1, bias: [1, 1, 1, 1] },
      { batch: 2, seq: 65, heads: 1, size: 5, bias: [1, 1, 65, 65] },
      { batch: 2, seq: 130, heads: 2, size: 72, bias: [2, 2, 130, 130] },
    ])('has the output and gradients of its parts: %j', (one) =>
      leaksNothing(() => {
        for (const drops of [true, false]) {
          const all = given(one, drops);
          const dy = randomTensor(all.projected[0]!.shape, 6);
          const { value, grads } = tf.valueAndGrads((...inputs: tf.Tensor[]) => composed(all, inputs))(all.projected, dy); // prettier-ignore
          const [expected, ...gradients] = [value, ...grads].map(take);
          for (const most of [0, 1, 2]) {
            const [output, weights] = own(all, most);
            const found = ownGradient(all, dy, weights, most).map(take);
            expectClose(take(output), expected!, 3e-6, 'output');
            found.forEach((values, i) => expectClose(values, gradients[i]!, 1e-5, `gradient ${i}`));
          }
        }
      }),
    );

    test('keeps its weights, before dropout, where there will be a gradient, and else none', () =>
      leaksNothing(() => {
        const all = given({ batch: 2, seq: 9, heads: 2, size: 4, bias: [2, 1, 1, 9] });
        const [query, key] = all.projected.map((x) => splitHeads(x, all));
        const expected = tf.softmax(tf.add(tf.mul(tf.matMul(query!, key!, false, true), 1 / 2), all.added));
        const [output, weights] = own(all);
        expect(weights.shape).toEqual([2, 2, 9, 9]);
        expectClose(take(weights), take(expected), 1e-6);
        const [same, nothing] = own(all, 2, false);
        expect(take(same)).toEqual(take(output));
        expect(nothing.size).toBe(0);
      }));

    test('gives no weight to what is masked, and the same to all where all is', () =>
      leaksNothing(() => {
        const all = given({ batch: 2, seq: 3, heads: 1, size: 2, bias: [2, 1, 1, 3] }, false);
        const added = tf.tensor4d([0, 0, -1e9, -1e9, -1e9, -1e9], [2, 1, 1, 3]);
        const weights = [...take(own({ ...all, added })[1])];
        expect([2, 5, 8].map((at) => weights[at])).toEqual([0, 0, 0]);
        expectClose(weights.slice(9), new Array<number>(9).fill(1 / 3), 1e-6);
      }));

    test('is no number in the queries that are none, and is one in the others', () =>
      leaksNothing(() => {
        const all = given({ batch: 1, seq: 4, heads: 1, size: 2, bias: [1, 1, 1, 4] }, false);
        const query = tf.tensor2d([1, 2, NaN, 4, 5, 6, 7, 8], [4, 2]);
        const output = take(own({ ...all, projected: [query, ...all.projected.slice(1)] })[0]);
        expect([...output].map(Number.isNaN)).toEqual([false, false, true, true, false, false, false, false]);
      }));

    test('has the same bits in one text as beside others', () =>
      leaksNothing(() => {
        const all = given({ batch: 40, seq: 33, heads: 2, size: 16, bias: [40, 1, 1, 33] }, false);
        const first = {
          ...all,
          projected: all.projected.map((x) => tf.slice(x, [0, 0], [33, 32])),
          added: tf.slice(all.added, [0, 0, 0, 0], [1, 1, 1, 33]),
        };
        expect(take(own(first)[0])).toEqual(take(own(all)[0]).slice(0, 33 * 32));
      }));

    test('is what attention computes with where nothing is recorded, as it computes with its parts', () =>
      leaksNothing(() => {
        const all = given({ batch: 2, seq: 16, heads: 2, size: 8, bias: [2, 1, 1, 16] });
        const [query, key, value] = all.projected as [tf.Tensor, tf.Tensor, tf.Tensor];
        const masks = () => ({ seed: 5, drawn: 0 });
        const { output } = attention(query, key, value, all.added, all, RATE, masks());
        const heads = { query: tf.mul(splitHeads(query, all), 1 / Math.sqrt(8)), key: splitHeads(key, all), value: splitHeads(value, all) }; // prettier-ignore
        expectClose(
          take(output),
          take(mergeHeads(attendHeads(heads, all.added, RATE, masks()).output)),
          1e-6,
        );
      }));

    test.each<[string, () => Partial<Given>, RegExp]>([
      [
        'keys of other texts',
        () => ({ projected: [6, 3, 6].map((rows) => tf.zeros([rows, 4])) }),
        /another shape/,
      ],
      ['a bias of other keys', () => ({ added: tf.zeros([2, 1, 1, 4]) }), /no whole texts/],
      ['a bias of other texts', () => ({ added: tf.zeros([3, 1, 1, 3]) }), /the bias has another shape/],
      [
        'a mask of other texts',
        () => ({ mask: { kept: tf.zeros([1, 2, 3, 3], 'bool'), rate: RATE } }),
        /the mask has another shape/,
      ],
      ['heads that do not divide the columns', () => ({ heads: 3 }), /the heads do not divide/],
    ])('refuses %s', (_, wrong, message) =>
      leaksNothing(() => {
        const right = given({ batch: 2, seq: 3, heads: 2, size: 2, bias: [2, 1, 1, 3] });
        expect(() => own({ ...right, ...wrong() })).toThrow(message);
      }),
    );

    test('refuses to go back with the weights of other texts', () =>
      leaksNothing(() => {
        const right = given({ batch: 2, seq: 3, heads: 2, size: 2, bias: [2, 1, 1, 3] });
        const back = (weights: tf.Tensor) => () => ownGradient(right, tf.zeros([6, 4]), weights);
        expect(back(tf.zeros([1, 2, 3, 3]))).toThrow(/the weights have another shape/);
        expect(back(tf.zeros([0]))).toThrow(/another shape/);
      }));
  },
  ['native'],
);
