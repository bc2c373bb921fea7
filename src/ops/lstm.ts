import * as tf from '@tensorflow/tfjs-core';
import { isNative, nativeBackend } from '../backend/native.js';
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
  lengths: Int32Array,
  [forward, reverse]: [LstmWeights, LstmWeights],
  shape: LstmShape,
  kernels = fastestKernels(),
): { output: tf.Tensor; saved: BilstmSaved } {
  return tidy(() => {
    const orders = [timeMajor(shape), timeMajor(shape, lengths)];
    const order = orders.map((o) => tf.tensor1d(o, 'int32'));
    const back = orders.map((o) => tf.tensor1d(inverse(o), 'int32'));
    const directions = [forward, reverse].map((weights, direction) => {
      const rows = tf.gather(x, order[direction]!); // [seq*batch, in]
      return (kernels.forward === 'fused' ? fusedLstm : stepwiseLstm)(rows, weights, shape);
    });
    const outputs = directions.map(({ output }, direction) => {
      const rows = tf.reshape(output, [shape.seq * shape.batch, output.shape[2]!]);
      return tf.gather(rows, back[direction]!); // [batch*seq, units]
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
    const dys = tf.split(dy, 2, 1).map((half, direction) => tf.gather(half, order[direction]!)); // [seq*batch, units]
    const gradients =
      kernels.backward === 'fused'
        ? dys.map((each, i) => fusedLstmGradient(each, directions[i]!, weights[i]!, shape, wanted))
        : lstmGradient(dys, directions, weights, shape, wanted);
    const inputs = gradients.map(({ input }, direction) => input && tf.gather(input, back[direction]!));
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
 * Row numbers that bring [batch*seq] into the order [seq*batch]; with lengths, each row's real positions
 * backwards. A permutation, so that its gradient is the inverse permutation.
 */
function timeMajor({ batch, seq }: LstmShape, lengths?: Int32Array): Int32Array {
  const order = new Int32Array(batch * seq);
  for (let t = 0; t < seq; t++)
    for (let row = 0; row < batch; row++) {
      const length = lengths?.[row] ?? 0;
      order[t * batch + row] = row * seq + (t < length ? length - 1 - t : t);
    }
  return order;
}

function inverse(order: Int32Array): Int32Array {
  const back = new Int32Array(order.length);
  for (let i = 0; i < order.length; i++) back[order[i]!] = i;
  return back;
}
