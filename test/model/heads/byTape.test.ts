import { expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { stepByTape } from '../../../src/model/heads/byTape.js';
import { describeEngines } from '../../support/engines.js';
import { expectNoLeakedTensors } from '../../support/leaks.js';

/** x as it is, but that it has no gradient: as where there is no memory for it. */
const withoutGradient = tf.customGrad((...inputs) => ({
  value: tf.clone(inputs[0] as tf.Tensor),
  gradFunc: () => {
    throw new Error('no memory');
  },
}));

describeEngines('a step by the tape', () => {
  test.each(['forward', 'back'])('that fails on its way %s leaves no tensor', (way) =>
    expectNoLeakedTensors(() =>
      tf.tidy(() => {
        const step = stepByTape([{ name: 'w' }], ({ features }, weights) => {
          const squares = tf.square(tf.mul(features, weights('w')));
          if (way === 'forward') throw new Error('no memory');
          return { loss: tf.sum(withoutGradient(squares)), counts: [tf.scalar(1)] };
        });
        const w = tf.scalar(2);
        const batch = { features: tf.ones([2, 3]) } as Parameters<typeof step>[0];
        expect(() => step(batch, () => w)).toThrow('no memory');
      }),
    ),
  );
});
