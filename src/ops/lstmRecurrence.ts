import * as tf from '@tensorflow/tfjs-core';
import { attribute, executeOp } from '../backend/native.js';
import { linear, linearGradient } from './linear.js';
import type { LstmWeights } from './lstmCells.js';
import type { LstmGradient } from './lstmGradient.js';
import { product } from './product.js';
import { tidy } from './tidy.js';

/** One direction of an LSTM over rows [batch*seq, in], as the way back needs it: [batch*seq, units], but for the gates. */
export interface LstmRecurrence {
  /** The output of the step before. */
  previous: tf.Tensor;
  cell: tf.Tensor;
  /** [batch*seq, 4*units], after their activation. */
  gates: tf.Tensor;
}

/**
 * One direction of an LSTM by our own kernel, on the CPU of the native engine only: x [batch*seq, in] → [batch*seq, units]. Its
 * input's product is one for all steps, in the precision of products. The real positions of each row (`lengths` [batch], int32)
 * are taken backwards where it is the `reverse` direction; outputs of the padding are 0. (scripts/setup/host/lstm.h)
 */
export function recurrentLstm(
  x: tf.Tensor,
  lengths: tf.Tensor,
  { input, recurrent, bias }: LstmWeights,
  reverse: boolean,
): LstmRecurrence & { output: tf.Tensor } {
  return tidy(() => {
    const inputs = [linear(x, input, bias), recurrent, lengths];
    const outputs = executeOp('HostLstm', { reverse: attribute.bool(reverse) }, inputs, 4);
    const [output, previous, cell, gates] = outputs as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
    return { output, previous, cell, gates };
  });
}

/** Gradients of `recurrentLstm` for dy [batch*seq, units]. */
export function recurrentLstmGradient(
  dy: tf.Tensor,
  x: tf.Tensor,
  lengths: tf.Tensor,
  { previous, cell, gates }: LstmRecurrence,
  { input, recurrent }: LstmWeights,
  wanted: { input: boolean; reverse: boolean },
): LstmGradient {
  return tidy(() => {
    const inputs = [dy, cell, gates, recurrent, lengths];
    const dGates = executeOp('HostLstmGrad', { reverse: attribute.bool(wanted.reverse) }, inputs)[0]!;
    const through = linearGradient(dGates, x, input, { input: wanted.input, weights: true });
    return {
      input: through.input,
      weights: {
        input: through.weight!,
        recurrent: product(dGates, previous, true, false),
        bias: through.bias!,
      },
    };
  });
}
