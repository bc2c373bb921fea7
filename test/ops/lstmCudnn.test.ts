import { expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { whyNoCudnn, type CudnnOps } from '../../src/backend/cudnn.js';
import { cudnnLstm, cudnnLstmGradient } from '../../src/ops/lstmCudnn.js';
import { lstmGradient } from '../../src/ops/lstmGradient.js';
import { stepwiseLstm } from '../../src/ops/lstmStepwise.js';
import { cudnnStandIn } from '../support/cudnnStandIn.js';
import { describeEngines } from '../support/engines.js';
import { expectNoLeakedTensors } from '../support/leaks.js';
import { expectClose, randomTensor, take } from '../support/tensors.js';

const leaksNothing = (work: () => void) => expectNoLeakedTensors(() => tf.tidy(work));

describeEngines(
  "cuDNN's LSTM",
  () => {
    test('is given and asked for what its interface says, so that it is the LSTM of its parts', () =>
      leaksNothing(() => {
        const [batch, seq, width, units] = [2, 3, 4, 5];
        const rows = randomTensor([seq * batch, width], 1);
        const weights = {
          input: randomTensor([4 * units, width], 2),
          recurrent: randomTensor([4 * units, units], 3),
          bias: randomTensor([4 * units], 4),
        };
        const dy = randomTensor([seq * batch, units], 5);
        const wanted = { input: true };
        const own = cudnnLstm(rows, weights, { batch, seq }, cudnnStandIn);
        const found = cudnnLstmGradient(dy, own, weights, { batch, seq }, wanted, cudnnStandIn);
        const cells = stepwiseLstm(rows, weights, { batch, seq });
        const [right] = lstmGradient([dy], [cells], [weights], { batch, seq }, wanted);
        expectClose(take(own.output), take(cells.output), 1e-6, 'output');
        expectClose(take(found.input!), take(right!.input!), 1e-6, 'input');
        for (const name of ['input', 'recurrent', 'bias'] as const) {
          expect(found.weights[name].shape).toEqual(weights[name].shape);
          expectClose(take(found.weights[name]), take(right!.weights[name]), 1e-6, name);
        }
      }));

    test('is found to work where it does', () =>
      leaksNothing(() => expect(whyNoCudnn(cudnnStandIn)).toBeUndefined()));

    test.each<[string, Partial<CudnnOps>]>([
      ['takes its gates in another order', { forward: ([rows, state, cell, params, lengths]) => cudnnStandIn.forward([rows, state, cell, tf.reverse(params), lengths]) }], // prettier-ignore
      ['does not know its output of the step before', { forward: ([rows, state, cell, params, lengths]) => cudnnStandIn.forward([rows, state, cell, tf.mul(params, [1, 1, 1, 1, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1]), lengths]) }], // prettier-ignore
      ['has another gradient', { backward: (...given) => { const [dRows, ...others] = cudnnStandIn.backward(...given); return [tf.mul(dRows, 1.1), ...others]; } }], // prettier-ignore
      ['has a gradient that is no number', { backward: (...given) => { const [dRows, ...others] = cudnnStandIn.backward(...given); return [tf.mul(dRows, NaN), ...others]; } }], // prettier-ignore
    ])('is found not to work where it %s', (_, wrong) =>
      leaksNothing(() => expect(whyNoCudnn({ ...cudnnStandIn, ...wrong })).toMatch(/^it gives .* is right$/)),
    );

    test('is found not to work on a CPU, which has no such op, and leaves nothing', () =>
      leaksNothing(() => expect(whyNoCudnn()).toMatch(/CudnnRNNV3/)));
  },
  ['native'],
);
