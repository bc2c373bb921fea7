import { expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { isBfloat16 } from '../../src/backend/native.js';
import { inPrecision } from '../../src/backend/precision.js';
import { activatedLinear, throughActivation } from '../../src/ops/activatedLinear.js';
import { activationWithDerivative } from '../../src/ops/activation.js';
import { toBfloat16, toFloat32 } from '../../src/ops/bfloat16.js';
import { linear, sumRows } from '../../src/ops/linear.js';
import { product } from '../../src/ops/product.js';
import { describeEngines } from '../support/engines.js';
import { expectNoLeakedTensors } from '../support/leaks.js';
import { expectClose, randomTensor, take } from '../support/tensors.js';

const sizes: [string, number, number][] = [
  ['no rows', 0, 8],
  ['less than a vector of the processor', 3, 5],
  ['parts on several threads', 700, 300],
];

describeEngines(
  'a linear layer with its activation, where products are in bfloat16',
  () => {
    test.each(sizes)('is to the bit what the three ops give, rounded: %s', (_, rows, width) =>
      expectNoLeakedTensors(() =>
        inPrecision('bfloat16', async () =>
          tf.tidy(() => {
            const [x, weight, bias] = [
              randomTensor([rows, 20], 1),
              randomTensor([width, 20], 2),
              randomTensor([width], 3),
            ];
            const own = activatedLinear(x, weight, bias, 'gelu');
            const composed = activationWithDerivative(linear(x, weight, bias), 'gelu');
            expect(isBfloat16(own.value)).toBe(true);
            expect(take(toFloat32(own.value))).toEqual(take(toFloat32(toBfloat16(composed.value))));
            expect(take(own.derivative)).toEqual(take(composed.derivative));
          }),
        ),
      ),
    );

    test.each(sizes)('has the gradient of the three ops on the way back: %s', (_, rows, width) =>
      expectNoLeakedTensors(() =>
        inPrecision('bfloat16', async () =>
          tf.tidy(() => {
            const [dy, weight, slope] = [
              randomTensor([rows, 20], 1),
              randomTensor([20, width], 2),
              randomTensor([rows, width], 3),
            ];
            const own = throughActivation(dy, weight, slope);
            const composed = tf.mul(product(dy, weight), slope);
            expect(take(toFloat32(own.input))).toEqual(take(toFloat32(toBfloat16(composed))));
            expectClose(take(own.sum), take(sumRows(composed)), 1e-3);
          }),
        ),
      ),
    );

    test('is another op where the activation is another one', () =>
      expectNoLeakedTensors(() =>
        inPrecision('bfloat16', async () =>
          tf.tidy(() => {
            const [x, weight, bias] = [
              randomTensor([3, 4], 1),
              randomTensor([5, 4], 2),
              randomTensor([5], 3),
            ];
            const { value } = activatedLinear(x, weight, bias, 'relu');
            expect(take(value)).toEqual(take(tf.relu(linear(x, weight, bias))));
          }),
        ),
      ));
  },
  ['native'],
);
