import * as tf from '@tensorflow/tfjs-core';
import { cudnnOps, type CudnnInputs, type CudnnOps } from '../backend/cudnn.js';
import type { LstmShape, LstmWeights } from './lstmCells.js';
import type { LstmGradient } from './lstmGradient.js';
import { tidy } from './tidy.js';

/** What cuDNN's way back takes of one direction. */
export interface CudnnLstm {
  /** Rows [seq, batch, in], state and cell before the first step, weights, lengths. */
  inputs: CudnnInputs;
  output: tf.Tensor; // [seq, batch, units]
  hidden: tf.Tensor; // [1, batch, units], after the last step
  cell: tf.Tensor; // the same
  kept: [tf.Tensor, tf.Tensor]; // what cuDNN keeps for itself: on the card, and beside it
}

/**
 * An LSTM as one op, on a CUDA card only: rows [seq*batch, in] in time-major order. cuDNN's weights are PyTorch's
 * matrices one after the other, gates in PyTorch's order, then two biases, the second of which is 0 here. cuDNN 9 wants
 * lengths: all are `seq`, for `lstm.ts` has put the padding last.
 */
export function cudnnLstm(
  rows: tf.Tensor,
  weights: LstmWeights,
  { batch, seq }: LstmShape,
  ops: CudnnOps = cudnnOps,
): CudnnLstm {
  return tidy(() => {
    const { input, recurrent, bias } = weights;
    const units = recurrent.shape[1]!;
    const matrices = [input, recurrent].map((matrix) => tf.reshape(matrix, [-1]));
    const inputs: CudnnInputs = [
      tf.reshape(rows, [seq, batch, rows.shape[1]!]),
      tf.zeros([1, batch, units]),
      tf.zeros([1, batch, units]),
      tf.concat([...matrices, bias, tf.zeros([4 * units])]),
      tf.fill([batch], seq, 'int32'),
    ];
    const [output, hidden, cell, ...kept] = ops.forward(inputs);
    return { inputs, output, hidden, cell, kept };
  });
}

/** Gradients of `cudnnLstm` for dy [seq*batch, units] as one op. */
export function cudnnLstmGradient(
  dy: tf.Tensor,
  { inputs, output, hidden, cell, kept }: CudnnLstm,
  weights: LstmWeights,
  { batch, seq }: LstmShape,
  wanted: { input: boolean },
  ops: CudnnOps = cudnnOps,
): LstmGradient {
  return tidy(() => {
    const [units, width] = [weights.recurrent.shape[1]!, weights.input.shape[1]!];
    const nothing = tf.zerosLike(hidden); // is learned from the last states alone
    const ofOutput = tf.reshape(dy, [seq, batch, units]);
    const given = [...inputs, output, hidden, cell];
    const [dx, , , dParams] = ops.backward(given, [ofOutput, nothing, nothing], kept);
    const sizes = [4 * units * width, 4 * units * units, 4 * units, 4 * units];
    const [input, recurrent, bias] = tf.split(dParams, sizes) as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
    return {
      input: wanted.input ? tf.reshape(dx, [seq * batch, width]) : undefined,
      weights: {
        input: tf.reshape(input, [4 * units, width]),
        recurrent: tf.reshape(recurrent, [4 * units, units]),
        bias,
      },
    };
  });
}
