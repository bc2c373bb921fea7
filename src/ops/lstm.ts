import * as tf from '@tensorflow/tfjs-core';
import { isNative, nativeBackend } from '../backend/native.js';
import { gatherRows } from './gather.js';
import type { LstmCells, LstmShape, LstmWeights } from './lstmCells.js';
import { fusedLstm, fusedLstmGradient } from './lstmFused.js';
import { lstmGradient } from './lstmGradient.js';
import { stepwiseLstm } from './lstmStepwise.js';
import { tidy } from './tidy.js';

/** What `bilstm` keeps for its backward pass. Disposing of it is the caller's. */
export interface BilstmSaved {
  order: tf.Tensor1D[];
  back: tf.Tensor1D[];
  directions: LstmCells[];
}

/** TensorFlow's BlockLSTM kernels, or a composition of ops that every engine has. */
export interface LstmKernels {
  forward: 'fused' | 'stepwise';
  backward: 'fused' | 'stepwise';
}

/**
 * A bidirectional LSTM over x [batch*seq, in] → [batch*seq, 2*units], started from zeros. The backward
 * direction begins at each row's last real position (`lengths` [batch]), as with packed sequences: what
 * lies in the padding changes nothing.
 */
export function bilstm(
  x: tf.Tensor,
  lengths: Int32Array | tf.Tensor,
  [forward, reverse]: [LstmWeights, LstmWeights],
  shape: LstmShape,
  kernels = fastestKernels(),
): { output: tf.Tensor; saved: BilstmSaved } {
  return tidy(() => {
    const orders = [timeMajor(shape), timeMajor(shape, lengths)];
    const order = orders.map((one) => one.order);
    const back = orders.map((one) => one.back);
    const directions = [forward, reverse].map((weights, direction) => {
      const rows = gatherRows(x, order[direction]!); // [seq*batch, in]
      return (kernels.forward === 'fused' ? fusedLstm : stepwiseLstm)(rows, weights, shape);
    });
    const outputs = directions.map(({ output }, direction) => {
      const rows = tf.reshape(output, [shape.seq * shape.batch, output.shape[2]!]);
      return gatherRows(rows, back[direction]!); // [batch*seq, units]
    });
    return { output: tf.concat(outputs, 1), saved: { order, back, directions } };
  });
}

/** Gradients of `bilstm` for dy [batch*seq, 2*units]. */
export function bilstmGradient(
  dy: tf.Tensor,
  { order, back, directions }: BilstmSaved,
  weights: [LstmWeights, LstmWeights],
  shape: LstmShape,
  wanted: { input: boolean },
  kernels = fastestKernels(),
): { input?: tf.Tensor; weights: [LstmWeights, LstmWeights] } {
  return tidy(() => {
    const dys = tf.split(dy, 2, 1).map((half, direction) => gatherRows(half, order[direction]!)); // [seq*batch, units]
    const gradients =
      kernels.backward === 'fused'
        ? dys.map((each, i) => fusedLstmGradient(each, directions[i]!, weights[i]!, shape, wanted))
        : lstmGradient(dys, directions, weights, shape, wanted);
    const inputs = gradients.map(({ input }, direction) => input && gatherRows(input, back[direction]!));
    return {
      input: wanted.input ? tf.add(inputs[0]!, inputs[1]!) : undefined,
      weights: [gradients[0]!.weights, gradients[1]!.weights],
    };
  });
}

/**
 * BlockLSTM is one op where the composition is a thousand: that decides where ops are dear. On a CPU its
 * gradient adds up the weights' gradients step by step, which takes longer than all those ops.
 */
function fastestKernels(): LstmKernels {
  if (!isNative()) return { forward: 'stepwise', backward: 'stepwise' };
  return { forward: 'fused', backward: nativeBackend().binding.isUsingGpuDevice() ? 'fused' : 'stepwise' };
}

/**
 * Row numbers that bring [batch*seq] into the order [seq*batch], and back; with lengths, each row's real positions
 * backwards. A permutation, so that its gradient is the inverse permutation.
 */
function timeMajor(
  { batch, seq }: LstmShape,
  lengths?: Int32Array | tf.Tensor,
): { order: tf.Tensor1D; back: tf.Tensor1D } {
  const counted = (count: number, shape: [number, number]) =>
    tf.tensor2d(Float32Array.from({ length: count }, (_, i) => i), shape); // prettier-ignore
  return tidy(() => {
    const time = counted(seq, [seq, 1]);
    const row = counted(batch, [1, batch]);
    const position = lengths ? backwards(time, tf.reshape(lengths, [1, batch])) : tf.tile(time, [1, batch]); // [seq, batch]
    const rowNumbers = (numbers: tf.Tensor) =>
      tf.cast(tf.reshape(numbers, [seq * batch]), 'int32') as tf.Tensor1D;
    return {
      order: rowNumbers(tf.add(position, tf.mul(row, seq))),
      // To go backwards twice is to go forwards: what stands at a time is at the position that the time is of.
      back: rowNumbers(tf.transpose(tf.add(tf.mul(position, batch), row))),
    };
  });
}

/** Where a row's times lie if its real positions come backwards: time [seq, 1], lengths [1, batch] → [seq, batch]. */
function backwards(time: tf.Tensor, lengths: tf.Tensor): tf.Tensor {
  const length = tf.cast(lengths, 'float32');
  const isReal = tf.cast(tf.less(time, length), 'float32');
  return tf.add(time, tf.mul(isReal, tf.sub(length, tf.add(tf.mul(time, 2), 1))));
}
