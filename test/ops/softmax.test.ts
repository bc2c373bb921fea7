import { expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { attribute, executeOp } from '../../src/backend/native.js';
import { toBfloat16, toFloat32 } from '../../src/ops/bfloat16.js';
import { describeEngines } from '../support/engines.js';
import { expectNoLeakedTensors } from '../support/leaks.js';
import { expectClose, randomTensor, take } from '../support/tensors.js';

const softmax = (scores: tf.Tensor, bias: tf.Tensor, scale = 1, most = 2) => {
  const attributes = { scale: attribute.float(scale), instructions: attribute.int(most) };
  return executeOp('HostSoftmax', attributes, [scores, bias])[0]!;
};
const leaksNothing = (work: () => void) => expectNoLeakedTensors(() => tf.tidy(work));

describeEngines(
  'our own softmax',
  () => {
    test.each([
      [3, 2, 5, 7, [3, 1, 1, 7]],
      [3, 2, 5, 7, [1, 2, 1, 7]],
      [3, 2, 5, 7, [1, 1, 5, 7]],
      [3, 2, 5, 7, [3, 2, 5, 7]],
      [2, 3, 80, 161, [2, 1, 80, 161]],
      [1, 1, 1, 1, [1, 1, 1, 1]],
    ])('of [%d, %d, %d, %d] with a bias %j is that of the sum', (batch, heads, queries, keys, wide) =>
      leaksNothing(() => {
        const [scores, bias] = [randomTensor([batch, heads, queries, keys], 1), randomTensor(wide, 2)];
        const expected = take(tf.softmax(tf.add(tf.mul(scores, 3), bias)));
        for (const most of [0, 1, 2]) expectClose(take(softmax(scores, bias, 3, most)), expected, 1e-6);
        const dy = randomTensor(scores.shape, 3);
        const weighted = tf.mul(dy, tf.softmax(scores));
        const gradient = take(tf.sub(weighted, tf.mul(tf.softmax(scores), tf.sum(weighted, -1, true))));
        for (const most of [0, 1, 2]) {
          const attributes = { instructions: attribute.int(most) };
          const [own] = executeOp('HostSoftmaxGrad', attributes, [dy, tf.softmax(scores)]);
          expectClose(take(own!), gradient, 1e-6);
        }
      }),
    );

    test('gives nothing to what is masked, and the same to all where all is', () =>
      leaksNothing(() => {
        const scores = tf.tensor4d([1, 2, 3, 4, 5, 6], [2, 1, 1, 3]);
        const bias = tf.tensor4d([0, 0, -1e9, -1e9, -1e9, -1e9], [2, 1, 1, 3]);
        const weights = [...take(softmax(scores, bias))];
        expect(weights.slice(0, 3)).toEqual([expect.closeTo(0.268941, 5), expect.closeTo(0.731059, 5), 0]);
        expectClose(weights.slice(3), [1 / 3, 1 / 3, 1 / 3], 1e-6);
      }));

    test('is no number where a score is none, and no other row is', () =>
      leaksNothing(() => {
        const scores = tf.tensor4d([1, NaN, 3, 4], [2, 1, 1, 2]);
        const weights = [...take(softmax(scores, tf.zeros([1, 1, 1, 2])))];
        expect(weights.map(Number.isNaN)).toEqual([true, true, false, false]);
      }));

    test('in bfloat16 is the one in float32, rounded', () =>
      leaksNothing(() => {
        const scores = toBfloat16(randomTensor([2, 3, 9, 37], 1));
        const bias = randomTensor([2, 1, 1, 37], 2);
        const attributes = { scale: attribute.float(0.25) };
        const own = executeOp('HostSoftmax16', attributes, [scores, bias])[0]!;
        const expected = toFloat32(toBfloat16(softmax(toFloat32(scores), bias, 0.25)));
        expect(take(toFloat32(own))).toEqual(take(expected));
      }));

    test.each([
      [[2, 1, 1, 4], /the bias has other keys/],
      [[3, 1, 1, 5], /the bias has another shape/],
    ])('refuses a bias %j for other scores', (wide, message) =>
      leaksNothing(() => expect(() => softmax(tf.zeros([2, 1, 3, 5]), tf.zeros(wide))).toThrow(message)),
    );
  },
  ['native'],
);
