import * as tf from '@tensorflow/tfjs-core';
import { attribute, executeOp, int64 } from '../backend/native.js';
import type { LstmCells, LstmShape, LstmWeights } from './lstmCells.js';
import type { LstmGradient } from './lstmGradient.js';
import { tidy } from './tidy.js';

const ATTRIBUTES = () => ({ T: attribute.type('float32'), use_peephole: attribute.bool(false) });

/**
 * An LSTM as one op, on the native engine only (BlockLSTMV2): rows [seq*batch, in] in time-major order.
 * Its gates come in PyTorch's order i, f, c, o.
 */
export function fusedLstm(rows: tf.Tensor, weights: LstmWeights, { batch, seq }: LstmShape): LstmCells {
  return tidy(() => {
    const x = tf.reshape(rows, [seq, batch, rows.shape[1]!]);
    const inputs = [int64(seq), x, ...fixedInputs(weights, batch)];
    const outputs = executeOp('BlockLSTMV2', { ...ATTRIBUTES(), cell_clip: attribute.float(0) }, inputs, 7);
    const [i, cell, f, o, g, squashed, output] = outputs as [Cell, Cell, Cell, Cell, Cell, Cell, Cell];
    return { rows: x, i, f, g, o, cell, squashed, output };
  });
}
type Cell = tf.Tensor;

/** Gradients of `fusedLstm` for dy [seq*batch, units] as one op (BlockLSTMGradV2). */
export function fusedLstmGradient(
  dy: tf.Tensor,
  { rows, i, f, g, o, cell, squashed, output }: LstmCells,
  weights: LstmWeights,
  { batch, seq }: LstmShape,
  wanted: { input: boolean },
): LstmGradient {
  return tidy(() => {
    const [units, width] = [weights.recurrent.shape[1]!, weights.input.shape[1]!];
    const inputs = [
      int64(seq),
      rows,
      ...fixedInputs(weights, batch),
      ...[i, cell, f, o, g, squashed, output],
      tf.zeros([seq, batch, units]),
      tf.reshape(dy, [seq, batch, units]),
    ];
    const outputs = executeOp('BlockLSTMGradV2', ATTRIBUTES(), inputs, 8);
    const [input, , , dKernel, , , , bias] = outputs as tf.Tensor[];
    const [dInput, dRecurrent] = tf.split(tf.transpose(dKernel!), [width, units], 1);
    return {
      input: wanted.input ? tf.reshape(input!, [seq * batch, width]) : undefined,
      weights: { input: dInput!, recurrent: dRecurrent!, bias: bias! },
    };
  });
}

/** The kernels' inputs that never change: states of zero, weights, and peepholes, which are not used. */
function fixedInputs({ input, recurrent, bias }: LstmWeights, batch: number): tf.Tensor[] {
  const units = recurrent.shape[1]!;
  const state = tf.zeros([batch, units]);
  const kernel = tf.transpose(tf.concat([input, recurrent], 1)); // [in + units, 4*units]
  const peephole = tf.zeros([units]);
  return [state, state, kernel, peephole, peephole, peephole, bias];
}
