import { describe, expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { makeBatch } from '../../../src/data/batches.js';
import type { Example } from '../../../src/data/examples.js';
import type { Weights } from '../../../src/model/part.js';
import { linear } from '../../../src/ops/linear.js';
import { describeEngines } from '../../support/engines.js';
import { example, twoOutputs } from '../../support/examples.js';
import { expectNoLeakedTensors } from '../../support/leaks.js';
import { disposeAll, expectClose, randomNumbers, take } from '../../support/tensors.js';

const special = { cls: 1, sep: 2, pad: 0 };
const gold = example({ wordCount: 4, piecesPerWord: 2, spans: { ner: [1], class: [1, 2] } });
/** Of four words: labels A and B, then X. */
const scores = [Float32Array.of(0.1, 0.2, 0.9, 0, 0.3, 0.6, 0, 0.05), Float32Array.of(0.4, 0.7, 0.2, 0.1)];

const softened = (weight: number, given: Float32Array[] | undefined = scores): Example => ({
  ...gold,
  targets: twoOutputs.soften!(gold.targets, given, weight),
});

describe('what a softened document is learned by', () => {
  test('is the weighted mean of scores and labels, beside the labels', () => {
    const { targets } = softened(0.75);
    expect(targets.slice(0, 2)).toEqual(gold.targets);
    const ner = [0.075, 0.15, 0.75 * 0.9 + 0.25, 0, 0.225, 0.45, 0, 0.0375];
    expectClose(targets[2]!, ner, 1e-6);
    expectClose(targets[3]!, [0.3, 0.75 * 0.7 + 0.25, 0.75 * 0.2 + 0.25, 0.075], 1e-6);
  });

  test('is the labels where a teacher is right in all, has no say, or there is none', () => {
    const labels = gold.targets.map((one) => Float32Array.from(one));
    const right = softened(0.5, labels);
    expect(right.targets.slice(2)).toEqual(labels);
    expect(softened(0).targets.slice(2)).toEqual(labels);
    expect(twoOutputs.soften!(gold.targets, undefined, 0.5).slice(2)).toEqual(labels);
  });

  test('does not change which windows have something to be found', () => {
    const ranges = [0, 2, 4, 6].map((start) => ({ start, end: start + 2 }));
    const positive = ({ targets, encoded }: Example) =>
      ranges.map((range) => twoOutputs.isPositive(targets, encoded, range));
    expect(positive(softened(1))).toEqual([false, true, true, false]);
  });
});

describeEngines('the step of the sigmoid head on a softened document', () => {
  /** Loss, gradients and counts of a window from the second to the last piece. */
  function step(document: Example) {
    const window = { document: 0, start: 1, end: 8, positive: true };
    const batch = makeBatch([window], [document], special, { labeller: twoOutputs });
    const n = batch.seq;
    const values = new Map(
      twoOutputs.parameters.map(({ name, shape }, i) => [
        name,
        tf.tensor(randomNumbers(tf.util.sizeFromShape(shape), 7 + i), shape),
      ]),
    );
    const weights: Weights = (name) => values.get(name)!;
    const features = tf.tensor(randomNumbers(n * 4, 3), [n, 4]);
    const real = tf.tensor2d(Float32Array.from(batch.real), [n, 1]);
    const targets = batch.targets.map(({ values, shape }) => tf.tensor(Float32Array.from(values), shape));
    const input = { features, batch: 1, seq: n, lengths: batch.lengths };
    const result = twoOutputs.step({ ...input, real, targets, pieces: 7, windows: 1 }, weights);
    const logits = twoOutputs.outputs.map(({ name }) =>
      take(tf.tidy(() => linear(features, weights(`heads.${name}.weight`), weights(`heads.${name}.bias`)))),
    );
    const taken = {
      loss: take(result.loss)[0]!,
      counts: result.counts.map(take),
      gradients: [...result.gradients].map(([name, gradient]) => [name, take(gradient)] as const),
      logits,
    };
    disposeAll(result.features, features, real, targets, [...values.values()]);
    return taken;
  }

  test('has the cross-entropy with the mixed targets, by hand', () =>
    expectNoLeakedTensors(() => {
      const { loss, logits } = step(softened(0.75));
      const { targets } = softened(0.75);
      const means = logits.map((values, output) => {
        const width = [2, 1][output]!;
        let sum = 0;
        for (let piece = 1; piece < 8; piece++)
          for (let channel = 0; channel < width; channel++) {
            const p = 1 / (1 + Math.exp(-values[piece * width + channel]!)); // the first row is [CLS]
            const target = targets[2 + output]![Math.floor(piece / 2) * width + channel]!;
            sum -= target * Math.log(p) + (1 - target) * Math.log(1 - p);
          }
        return sum / (7 * width);
      });
      expect(loss).toBeCloseTo((means[0]! + means[1]!) / 2, 5);
    }));

  test('is that of the labels to the bit under a teacher who is right in all', () =>
    expectNoLeakedTensors(() => {
      const labels = gold.targets.map((one) => Float32Array.from(one));
      expect(step(softened(0.5, labels))).toEqual(step(gold));
    }));

  test('counts what is right by the labels', () =>
    expectNoLeakedTensors(() => {
      expect(step(softened(1)).counts).toEqual(step(gold).counts);
    }));
});
