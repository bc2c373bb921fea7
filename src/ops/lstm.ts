import * as tf from '@tensorflow/tfjs-core';
import { cudnnFailure } from '../backend/cudnn.js';
import { hasOwnKernels, isNative } from '../backend/native.js';
import { gatherRows } from './gather.js';
import type { LstmCells, LstmShape, LstmWeights } from './lstmCells.js';
import { cudnnLstm, cudnnLstmGradient, type CudnnLstm } from './lstmCudnn.js';
import { lstmGradient, type LstmGradient } from './lstmGradient.js';
import { recurrentLstm, recurrentLstmGradient, type LstmRecurrence } from './lstmRecurrence.js';
import { stepwiseLstm } from './lstmStepwise.js';
import { tidy } from './tidy.js';

/** What `bilstm` keeps for its backward pass, by which kernel computed. Disposing of it is the caller's. */
export type BilstmSaved =
  | { x: tf.Tensor; lengths: tf.Tensor; recurrences: LstmRecurrence[] }
  | (TimeMajor & { cudnn: CudnnLstm[] })
  | (TimeMajor & { cells: LstmCells[] });

/** Row numbers into time-major order and back, for each direction. */
interface TimeMajor {
  order: tf.Tensor1D[];
  back: tf.Tensor1D[];
}

/** What computes: our own kernel, cuDNN's, or a composition of ops that every engine has. */
export type LstmKernel = 'own' | 'cudnn' | 'stepwise';

/**
 * A bidirectional LSTM over x [batch*seq, in] → [batch*seq, 2*units], started from zeros. The backward
 * direction begins at each row's last real position (`lengths` [batch]), as with packed sequences: what
 * lies in the padding changes nothing.
 */
export function bilstm(
  x: tf.Tensor,
  lengths: Int32Array | tf.Tensor,
  weights: [LstmWeights, LstmWeights],
  shape: LstmShape,
  kernel = fastestKernel(),
): { output: tf.Tensor; saved: BilstmSaved } {
  return tidy(() => {
    if (kernel !== 'own') return byTime(x, lengths, weights, shape, kernel);
    const counted = tf.cast(lengths as tf.Tensor, 'int32'); // a step's inputs are of float32
    const both = weights.map((own, direction) => recurrentLstm(x, counted, own, direction === 1));
    const recurrences = both.map(({ output: _, ...saved }) => saved);
    const output = tf.concat(both.map((one) => one.output), 1); // prettier-ignore
    return { output, saved: { x: tf.clone(x), lengths: counted, recurrences } };
  });
}

/** Gradients of `bilstm` for dy [batch*seq, 2*units], which is 0 in the padding, by the kernel that computed it. */
export function bilstmGradient(
  dy: tf.Tensor,
  saved: BilstmSaved,
  weights: [LstmWeights, LstmWeights],
  shape: LstmShape,
  wanted: { input: boolean },
): { input?: tf.Tensor; weights: [LstmWeights, LstmWeights] } {
  return tidy(() => {
    const gradients =
      'recurrences' in saved
        ? tf.split(dy, 2, 1).map((half, i) => {
            const { x, lengths, recurrences } = saved;
            return recurrentLstmGradient(half, x, lengths, recurrences[i]!, weights[i]!, { ...wanted, reverse: i === 1 }); // prettier-ignore
          })
        : byTimeGradient(dy, saved, weights, shape, wanted);
    return {
      input: wanted.input ? tf.add(gradients[0]!.input!, gradients[1]!.input!) : undefined,
      weights: [gradients[0]!.weights, gradients[1]!.weights],
    };
  });
}

/** On a GPU ops are dear, and cuDNN's is one where the composition is a thousand; our own kernel is for CPUs. */
function fastestKernel(): LstmKernel {
  if (hasOwnKernels()) return 'own';
  return isNative() && cudnnFailure() === undefined ? 'cudnn' : 'stepwise';
}

/** Both directions over rows in time-major order. */
function byTime(
  x: tf.Tensor,
  lengths: Int32Array | tf.Tensor,
  weights: LstmWeights[],
  shape: LstmShape,
  kernel: 'cudnn' | 'stepwise',
): { output: tf.Tensor; saved: Exclude<BilstmSaved, { x: tf.Tensor }> } {
  const orders = [timeMajor(shape), timeMajor(shape, lengths)];
  const order = orders.map((one) => one.order);
  const back = orders.map((one) => one.back);
  const rows = order.map((own) => gatherRows(x, own)); // each [seq*batch, in]
  const computed =
    kernel === 'cudnn'
      ? { cudnn: weights.map((own, direction) => cudnnLstm(rows[direction]!, own, shape)) }
      : { cells: weights.map((own, direction) => stepwiseLstm(rows[direction]!, own, shape)) };
  const outputs = (computed.cudnn ?? computed.cells).map(({ output }, direction) => {
    const inTime = tf.reshape(output, [shape.seq * shape.batch, output.shape[2]!]);
    return gatherRows(inTime, back[direction]!); // [batch*seq, units]
  });
  return { output: tf.concat(outputs, 1), saved: { order, back, ...computed } };
}

function byTimeGradient(
  dy: tf.Tensor,
  saved: Exclude<BilstmSaved, { x: tf.Tensor }>,
  weights: LstmWeights[],
  shape: LstmShape,
  wanted: { input: boolean },
): LstmGradient[] {
  const { order, back } = saved;
  const dys = tf.split(dy, 2, 1).map((half, direction) => gatherRows(half, order[direction]!)); // [seq*batch, units]
  const gradients =
    'cudnn' in saved
      ? dys.map((each, i) => cudnnLstmGradient(each, saved.cudnn[i]!, weights[i]!, shape, wanted))
      : lstmGradient(dys, saved.cells, weights, shape, wanted);
  return gradients.map(({ input, weights }, direction) => ({
    input: input && gatherRows(input, back[direction]!),
    weights,
  }));
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
