import { expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { outputsOf } from '../../../src/data/labels.js';
import { sigmoidHead } from '../../../src/model/heads/sigmoid.js';
import { describeEngines } from '../../support/engines.js';

const tasks = { ner: { labels: ['A', 'B'] }, class: { labels: ['X'] } };
const log2 = Math.log(2);

describeEngines(
  'labels that weigh more in the loss of sigmoids',
  () => {
    /** Two pieces, of which the first has these channels of the first output; all probabilities are .5. */
    const lossOf = (outputs: 'perTask' | 'joint', hot: number[], labelWeights: Record<string, number>) => {
      const all = outputsOf(tasks, 'IO', outputs);
      const head = sigmoidHead(all, 2);
      return tf.tidy(() => {
        const targets = all.map(({ channels }, output) =>
          tf.tensor2d(
            [0, 1].map((row) =>
              channels.map((_, c) => (output === 0 && row === 0 && hot.includes(c) ? 1 : 0)),
            ),
          ),
        );
        const zeros = new Map(head.parameters.map(({ name, shape }) => [name, tf.zeros(shape)]));
        const batch = { features: tf.ones([2, 2]), real: tf.ones([2, 1]), targets, labelWeights };
        const shape = { batch: 1, seq: 2, lengths: Int32Array.of(2), pieces: 2, windows: 1 };
        return head.step({ ...batch, ...shape }, (name) => zeros.get(name)!).loss.dataSync()[0]!;
      });
    };

    test('count so where they are to be found, and nowhere else', () => {
      expect(lossOf('perTask', [0], {})).toBeCloseTo(log2, 5);
      // One of 2 pieces · 2 channels of one of 2 outputs counts 3 instead of 1.
      expect(lossOf('perTask', [0], { A: 3 })).toBeCloseTo(log2 * (1 + 2 / 8), 5);
      expect(lossOf('perTask', [1], { A: 3 })).toBeCloseTo(log2, 5);
    });

    test('make a combination of labels count as its heaviest', () => {
      const { channels } = outputsOf(tasks, 'IO', 'joint')[0]!;
      const at = channels.findIndex(({ labels }) => labels.ner === 'A' && labels.class === 'X');
      const [share] = [1 / (2 * channels.length)];
      expect(lossOf('joint', [at], { A: 3, X: 2 })).toBeCloseTo(log2 * (1 + 2 * share), 5);
    });
  },
  ['cpu'],
);
