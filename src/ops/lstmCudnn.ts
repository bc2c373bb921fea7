import * as tf from '@tensorflow/tfjs-core';
import { attribute, executeOp } from '../backend/native.js';
import type { LstmShape, LstmWeights } from './lstmCells.js';
import type { LstmGradient } from './lstmGradient.js';
import { tidy } from './tidy.js';

/** What cuDNN's way back takes of one direction. */
export interface CudnnLstm {
  rows: tf.Tensor; // [seq, batch, in]
  state: tf.Tensor; // [1, batch, units]: zeros, before the first step
  params: tf.Tensor; // all weights in one, as cuDNN has them
  lengths: tf.Tensor; // [batch], int32: seq for each
  output: tf.Tensor; // [seq, batch, units]
  hidden: tf.Tensor; // [1, batch, units], after the last step
  cell: tf.Tensor; // the same
  reserve: tf.Tensor; // what cuDNN kept for itself: on the card
  reserveOnHost: tf.Tensor; // and beside it, int8
}

type Three = [tf.Tensor, tf.Tensor, tf.Tensor];
type Five = [...Three, tf.Tensor, tf.Tensor];

const ATTRIBUTES = () => ({ T: attribute.type('float32'), rnn_mode: attribute.string('lstm') });

/**
 * An LSTM as one op, on a CUDA card only (CudnnRNNV3): rows [seq*batch, in] in time-major order. cuDNN's weights are PyTorch's
 * matrices one after the other, gates in PyTorch's order, then two biases, the second of which is 0 here. cuDNN 9 wants
 * lengths: all are `seq`, for `lstm.ts` has put the padding last.
 */
export function cudnnLstm(rows: tf.Tensor, weights: LstmWeights, { batch, seq }: LstmShape): CudnnLstm {
  return tidy(() => {
    const { input, recurrent, bias } = weights;
    const units = recurrent.shape[1]!;
    const x = tf.reshape(rows, [seq, batch, rows.shape[1]!]);
    const state = tf.zeros([1, batch, units]);
    const matrices = [input, recurrent].map((matrix) => tf.reshape(matrix, [-1]));
    const params = tf.concat([...matrices, bias, tf.zeros([4 * units])]);
    const lengths = tf.fill([batch], seq, 'int32');
    const attributes = { ...ATTRIBUTES(), is_training: attribute.bool(true) }; // a prediction drops what is kept
    const outputs = executeOp('CudnnRNNV3', attributes, [x, state, state, params, lengths], 5);
    const [output, hidden, cell, reserve, reserveOnHost] = outputs as Five;
    return { rows: x, state, params, lengths, output, hidden, cell, reserve, reserveOnHost };
  });
}

/** Gradients of `cudnnLstm` for dy [seq*batch, units] as one op (CudnnRNNBackpropV3). */
export function cudnnLstmGradient(
  dy: tf.Tensor,
  { rows, state, params, lengths, output, hidden, cell, reserve, reserveOnHost }: CudnnLstm,
  weights: LstmWeights,
  { batch, seq }: LstmShape,
  wanted: { input: boolean },
): LstmGradient {
  return tidy(() => {
    const [units, width] = [weights.recurrent.shape[1]!, weights.input.shape[1]!];
    const inputs = [
      ...[rows, state, state, params, lengths, output, hidden, cell],
      ...[tf.reshape(dy, [seq, batch, units]), state, state], // nothing is learned from the last states alone
      ...[reserve, reserveOnHost],
    ];
    const [dx, , , dParams] = executeOp('CudnnRNNBackpropV3', ATTRIBUTES(), inputs, 4);
    const sizes = [4 * units * width, 4 * units * units, 4 * units, 4 * units];
    const [input, recurrent, bias] = tf.split(dParams!, sizes) as [...Three, tf.Tensor];
    return {
      input: wanted.input ? tf.reshape(dx!, [seq * batch, width]) : undefined,
      weights: {
        input: tf.reshape(input, [4 * units, width]),
        recurrent: tf.reshape(recurrent, [4 * units, units]),
        bias,
      },
    };
  });
}
