import { expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { attribute, executeOp, hasOwnKernels, isBfloat16 } from '../../src/backend/native.js';
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
  'a linear layer with its activation',
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
            expect(isBfloat16(own.value)).toBe(hasOwnKernels());
            expect(take(toFloat32(own.value))).toEqual(take(toFloat32(toBfloat16(composed.value))));
            expect(take(own.derivative)).toEqual(take(composed.derivative));
          }),
        ),
      ),
    );

    const backward = sizes.flatMap((size) => (['float32', 'bfloat16'] as const).map((one) => [one, ...size] as const)); // prettier-ignore
    test.each(backward)(
      'in %s has the gradient of the three ops on the way back: %s',
      (precision, _, rows, width) =>
        // prettier-ignore
        expectNoLeakedTensors(() =>
        inPrecision(precision, async () =>
          tf.tidy(() => {
            const [dy, weight, slope] = [
              randomTensor([rows, 20], 1),
              randomTensor([20, width], 2),
              randomTensor([rows, width], 3),
            ];
            const own = throughActivation(dy, weight, slope);
            const composed = tf.mul(product(dy, weight), slope);
            const rounded = toFloat32(precision === 'float32' ? composed : toBfloat16(composed));
            expect(take(toFloat32(own.input))).toEqual(take(rounded));
            expectClose(take(own.sum), take(sumRows(composed)), 1e-3);
          }),
        ),
      ),
    );

    test('gives much the same with the instructions of every processor, and the same bits every time', () =>
      expectNoLeakedTensors(() =>
        tf.tidy(() => {
          const [x, bias, slope] = [
            toBfloat16(randomTensor([300, 300], 1)),
            randomTensor([300], 2),
            randomTensor([300, 300], 3),
          ];
          const results = [0, 1, 2, 2].map((instructions) => {
            const attributes = { instructions: attribute.int(instructions) };
            const outputs = [
              ...executeOp('HostBiasGelu16', attributes, [x, bias], 2),
              ...executeOp('HostSlope16', attributes, [x, slope], 2),
              ...executeOp('HostSlope', attributes, [toFloat32(x), slope], 2),
              ...executeOp('HostBias', attributes, [x, bias]),
            ];
            return outputs.map((one) => take(toFloat32(one)));
          });
          for (const other of [1, 2])
            results[other]!.forEach((values, i) =>
              expectClose(values, results[0]![i]!, i === 0 || i === 2 ? 0.02 : 1e-3),
            );
          expect(results[3]).toEqual(results[2]);
        }),
      ));

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
