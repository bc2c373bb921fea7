import { expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { noTrunk } from '../../../src/model/trunk/none.js';
import { describeEngines } from '../../support/engines.js';
import { expectNoLeakedTensors } from '../../support/leaks.js';
import { disposeAll, expectClose, randomTensor, take } from '../../support/tensors.js';

const input = { lengths: Int32Array.of(3, 2), batch: 2, seq: 3 };
const weights = () => {
  throw new Error('it has no parameters');
};

describeEngines(
  'no trunk',
  () => {
    const trunk = noTrunk(4);

    test('hands on what it is given, and its gradient, where nothing is dropped', () =>
      expectNoLeakedTensors(() => {
        const [x, dy] = [randomTensor([6, 4], 1), randomTensor([6, 4], 2)];
        const { output, saved } = trunk.forward(x, input, weights, { dropout: 0 });
        const { input: dx, gradients } = trunk.gradient(dy, saved, input, weights, { input: true });
        expect({ width: trunk.width, parameters: trunk.parameters, gradients: gradients.size }).toEqual({
          width: 4,
          parameters: [],
          gradients: 0,
        });
        expectClose(take(output), x.dataSync(), 0);
        expectClose(take(dx!), dy.dataSync(), 0);
        disposeAll(x, dy, saved);
      }));

    test('has no gradient where units are dropped', () =>
      expectNoLeakedTensors(() => {
        const ones = tf.ones([6, 4]);
        const masks = { seed: 3, drawn: 0 };
        const { output, saved } = trunk.forward(ones, input, weights, { dropout: 0.5, masks });
        const { input: dx } = trunk.gradient(ones, saved, input, weights, { input: true });
        const values = take(output);
        expect(new Set(values)).toEqual(new Set([0, 2]));
        expectClose(take(dx!), values, 0);
        disposeAll(ones, saved);
      }));
  },
  ['native', 'wasm'],
);
