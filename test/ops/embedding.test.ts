import { expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { embedding, embeddingGradient } from '../../src/ops/embedding.js';
import { describeEngines } from '../support/engines.js';
import { expectNoLeakedTensors } from '../support/leaks.js';
import { take } from '../support/tensors.js';

describeEngines('an embedding', () => {
  test('gives the rows of its table by id', () =>
    expectNoLeakedTensors(() => {
      const table = tf.tensor2d([0, 1, 10, 11, 20, 21], [3, 2]);
      const ids = tf.tensor1d([2, 0, 2], 'int32');
      const rows = embedding(table, ids);
      expect(rows.shape).toEqual([3, 2]);
      expect([...take(rows)]).toEqual([20, 21, 0, 1, 20, 21]);
      tf.dispose([table, ids]);
    }));

  test('sums the gradients of an id that comes several times, and gives the others 0', () =>
    expectNoLeakedTensors(() => {
      const ids = tf.tensor1d([2, 0, 2, 2], 'int32');
      const dy = tf.tensor2d([1, 2, 3, 4, 10, 20, 100, 200], [4, 2]);
      const gradient = embeddingGradient(dy, ids, 4);
      expect(gradient.shape).toEqual([4, 2]);
      expect([...take(gradient)]).toEqual([3, 4, 0, 0, 111, 222, 0, 0]);
      tf.dispose([ids, dy]);
    }));
});
