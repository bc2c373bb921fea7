import { expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { nativeBackend } from '../../src/backend/native.js';
import { tidy } from '../../src/ops/tidy.js';
import { variable } from '../../src/ops/variable.js';
import { describeEngines } from '../support/engines.js';
import { expectNoLeakedTensors } from '../support/leaks.js';
import { take } from '../support/tensors.js';

describeEngines('a variable', (engine) => {
  test("starts as the tensor given, which stays its owner's", () =>
    expectNoLeakedTensors(() => {
      const start = tf.tensor2d([1, 2, 3, 4], [2, 2]);
      const held = variable('x', start);
      expect({ name: held.name, shape: held.shape }).toEqual({ name: 'x', shape: [2, 2] });
      expect([...take(held.read())]).toEqual([1, 2, 3, 4]);
      expect([...take(start)]).toEqual([1, 2, 3, 4]);
      expect([...take(held.read())]).toEqual([1, 2, 3, 4]);
      held.dispose();
    }));

  test('takes new values, and what was read before stays as it was', () =>
    expectNoLeakedTensors(() => {
      const [start, next] = [tf.tensor1d([1, 2]), tf.tensor1d([3, 4])];
      const held = variable('x', start);
      const before = held.read();
      held.assign(next);
      tf.dispose([start, next]);
      expect([...take(before)]).toEqual([1, 2]);
      expect([...take(held.read())]).toEqual([3, 4]);
      held.dispose();
    }));

  test('outlives the tidy in which it is made or assigned', () =>
    expectNoLeakedTensors(() => {
      const held = tidy(() => variable('x', tf.zeros([2])));
      tidy(() => held.assign(tf.add(held.read(), 5)));
      expect([...take(held.read())]).toEqual([5, 5]);
      held.dispose();
    }));

  test('is apart from another of the same name', () =>
    expectNoLeakedTensors(() => {
      const [one, two] = [tf.tensor1d([1]), tf.tensor1d([2])];
      const [first, second] = [variable('x', one), variable('x', two)];
      first.assign(two);
      second.assign(one);
      expect([...take(first.read()), ...take(second.read())]).toEqual([2, 1]);
      first.dispose();
      expect([...take(second.read())]).toEqual([1]);
      second.dispose();
      tf.dispose([one, two]);
    }));

  if (engine === 'native')
    test('leaves nothing in TensorFlow either', () => {
      const alive = () => nativeBackend().binding.getNumOfTensors();
      const before = alive();
      const start = tf.ones([4]);
      const held = variable('x', start);
      held.assign(start);
      take(held.read());
      held.dispose();
      start.dispose();
      expect(alive()).toBe(before);
    });
});
