import { expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { bceLoss, countTokens } from '../../../src/model/heads/sigmoid/bce.js';
import { expectGradient } from '../../support/differences.js';
import { describeEngines } from '../../support/engines.js';
import { expectNoLeakedTensors } from '../../support/leaks.js';
import { disposeAll, expectClose, randomNumbers, take } from '../../support/tensors.js';

/** One head on the host: a row per piece, a column per channel. */
interface Rows {
  logits: number[][];
  targets: number[][];
  weights?: number[];
}

/** Loss and gradients of the logits, on the host. */
function loss(heads: Rows[], real: number[]) {
  const outputs = heads.map(({ logits, targets, weights }) => ({
    logits: tf.tensor2d(logits),
    targets: tf.tensor2d(targets),
    weights,
  }));
  const mask = tf.tensor2d(real, [real.length, 1]);
  const pieces = real.reduce((sum, one) => sum + one, 0);
  const { loss, dLogits } = bceLoss(outputs, mask, pieces);
  disposeAll(outputs, mask);
  return { loss: take(loss)[0]!, gradients: dLogits.map(take) };
}

/** -log of the probability that the sigmoid gives to the target. */
const entropy = (logit: number, target: number) => Math.log1p(Math.exp(target ? -logit : logit));

/** Rows of logits from -3 to 3 with targets among them. */
function randomRows(rows: number, channels: number, seed: number): Rows {
  const numbers = randomNumbers(2 * rows * channels, seed);
  const table = (f: (at: number) => number) =>
    Array.from({ length: rows }, (_, row) =>
      Array.from({ length: channels }, (_, channel) => f(row * channels + channel)),
    );
  return {
    logits: table((at) => 3 * numbers[at]!),
    targets: table((at) => (numbers[rows * channels + at]! > 0.3 ? 1 : 0)),
  };
}

describeEngines('binary cross-entropy', () => {
  test('is the mean over real pieces and channels, and over the heads', () =>
    expectNoLeakedTensors(() => {
      const heads = [randomRows(4, 2, 1), randomRows(4, 3, 2)];
      const real = [0, 1, 1, 0];
      const means = heads.map(({ logits, targets }) => {
        const each = [1, 2].flatMap((row) => logits[row]!.map((x, c) => entropy(x, targets[row]![c]!)));
        return each.reduce((sum, x) => sum + x) / each.length;
      });
      expect(loss(heads, real).loss).toBeCloseTo((means[0]! + means[1]!) / 2, 5);
    }));

  test('counts a target of 1 as much as its channel weighs', () =>
    expectNoLeakedTensors(() => {
      const rows = { ...randomRows(4, 3, 5), weights: [1, 4, 0.5] };
      const { logits, targets, weights } = rows;
      const each = [0, 1, 2].flatMap((row) =>
        logits[row]!.map((x, c) => entropy(x, targets[row]![c]!) * (targets[row]![c] ? weights[c]! : 1)),
      );
      const real = [1, 1, 1, 0];
      const { loss: found, gradients } = loss([rows], real);
      expect(found).toBeCloseTo(each.reduce((sum, x) => sum + x) / each.length, 5);
      const value = (at: Float32Array) =>
        loss([{ ...rows, logits: logits.map((row, r) => row.map((_, c) => at[3 * r + c]!)) }], real).loss;
      expectGradient(value, Float32Array.from(logits.flat()), gradients[0]!);
    }));

  test('has the gradient that differences show, 0 where a piece is not real', () =>
    expectNoLeakedTensors(() => {
      const [first, second] = [randomRows(5, 2, 3), randomRows(5, 3, 4)];
      const real = [0, 1, 1, 1, 0];
      const { gradients } = loss([first, second], real);
      const value = (at: Float32Array) => {
        const logits = second.logits.map((row, r) => row.map((_, c) => at[3 * r + c]!));
        return loss([first, { ...second, logits }], real).loss;
      };
      expectGradient(value, Float32Array.from(second.logits.flat()), gradients[1]!);
      expectClose([...gradients[1]!.slice(0, 3), ...gradients[1]!.slice(-3)], new Float32Array(6), 0);
    }));

  test('is finite, and exact, for logits far from zero', () =>
    expectNoLeakedTensors(() => {
      const logits = [[80, -80, 80, -80, 1e4, -1e4]];
      const targets = [[1, 0, 0, 1, 0, 1]];
      const result = loss([{ logits, targets }], [1]);
      expect(result.loss).toBeCloseTo((80 + 80 + 1e4 + 1e4) / 6, 2);
      expectClose(result.gradients[0]!, [0, 0, 1, -1, 1, -1].map((x) => x / 6), 1e-6); // prettier-ignore
    }));

  test('does not see pieces that are not real, whatever their logits', () =>
    expectNoLeakedTensors(() => {
      const { logits, targets } = randomRows(3, 2, 5);
      const changed = [logits[0]!, logits[1]!, [500, -500]];
      const [one, other] = [logits, changed].map((rows) => loss([{ logits: rows, targets }], [1, 1, 0]));
      expect(other).toEqual(one);
    }));
});

describeEngines('the counts of tokens', () => {
  const count = ({ logits, targets }: Rows, real: number[]) => {
    const [x, t, mask] = [tf.tensor2d(logits), tf.tensor2d(targets), tf.tensor2d(real, [real.length, 1])];
    const counts = countTokens({ logits: x, targets: t }, mask);
    disposeAll(x, t, mask);
    expect(counts.shape).toEqual([3, logits[0]!.length]);
    return [...take(counts)];
  };

  test('are true positives, false positives and false negatives per channel', () =>
    expectNoLeakedTensors(() => {
      const logits = [[1, -1], [2, 3], [-80, 80], [4, -2], [5, 5]]; // prettier-ignore
      const targets = [[1, 0], [0, 1], [1, 0], [1, 1], [1, 1]]; // prettier-ignore
      expect(count({ logits, targets }, [1, 1, 1, 1, 0])).toEqual([2, 1, 1, 1, 1, 1]);
    }));

  test('take a logit of 0, a probability of one half, for a positive', () =>
    expectNoLeakedTensors(() =>
      expect(count({ logits: [[0, -1e-6]], targets: [[1, 1]] }, [1])).toEqual([1, 0, 0, 0, 0, 1]),
    ));

  test('are 0 where no piece is real', () =>
    expectNoLeakedTensors(() =>
      expect(count({ logits: [[3, -3]], targets: [[0, 1]] }, [0])).toEqual([0, 0, 0, 0, 0, 0]),
    ));
});
