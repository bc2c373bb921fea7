import * as tf from '@tensorflow/tfjs-core';
import type { CudnnOps } from '../../src/backend/cudnn.js';
import { lstmGradient } from '../../src/ops/lstmGradient.js';
import { stepwiseLstm } from '../../src/ops/lstmStepwise.js';

/** Ops that do what cuDNN's manual says of its LSTM, on any engine, by the composition that PyTorch's numbers test. */
export const cudnnStandIn: CudnnOps = {
  forward: ([rows, state, , params]) => {
    const { output, cell } = compute(rows, state, params);
    const last = (of: tf.Tensor) => tf.slice(of, [rows.shape[0]! - 1, 0, 0], [1, ...state.shape.slice(1)]);
    return [output, last(output), last(cell), tf.scalar(0), tf.scalar(0)];
  },
  backward: ([rows, state, , params], [dOutput]) => {
    const [seq, batch, width] = rows!.shape as [number, number, number];
    const cells = compute(rows!, state!, params!);
    const flat = tf.reshape(dOutput, [seq * batch, -1]);
    const weights = weightsOf(params!, width, state!.shape[2]!);
    const [all] = lstmGradient([flat], [cells], [weights], { batch, seq }, { input: true });
    const { input, recurrent, bias } = all!.weights;
    const parts = [input, recurrent, bias, bias].map((part) => tf.reshape(part, [-1]));
    return [
      tf.reshape(all!.input!, rows!.shape),
      tf.zerosLike(state!),
      tf.zerosLike(state!),
      tf.concat(parts),
    ];
  },
};

function compute(rows: tf.Tensor, state: tf.Tensor, params: tf.Tensor) {
  const [seq, batch, width] = rows.shape as [number, number, number];
  const weights = weightsOf(params, width, state.shape[2]!);
  return stepwiseLstm(tf.reshape(rows, [seq * batch, width]), weights, { batch, seq });
}

/** The matrices one after the other, then two biases whose sum counts. */
function weightsOf(params: tf.Tensor, width: number, units: number) {
  const gates = 4 * units;
  const parts = tf.split(params, [gates * width, gates * units, gates, gates]);
  const [input, recurrent, own, other] = parts as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
  return {
    input: tf.reshape(input, [gates, width]),
    recurrent: tf.reshape(recurrent, [gates, units]),
    bias: tf.add(own, other),
  };
}
