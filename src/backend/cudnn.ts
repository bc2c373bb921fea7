import * as tf from '@tensorflow/tfjs-core';
import { saidBy } from './failure.js';
import { attribute, executeOp } from './native.js';

// cuDNN's LSTM as TensorFlow has it (CudnnRNNV3), on CUDA cards only, and the question whether it computes here.

type Four = [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
type Five = [...Four, tf.Tensor];

/** What the op takes: rows [seq, batch, in], state and cell [1, batch, units], weights, lengths [batch] int32. */
export type CudnnInputs = Five;
/** What it gives: output [seq, batch, units], state and cell after the last step, and two that it kept for itself. */
export type CudnnOutputs = Five;

export interface CudnnOps {
  forward(inputs: CudnnInputs): CudnnOutputs;
  /**
   * Gradients of rows, state, cell and weights for that of the output.
   * @param given inputs and outputs, but for what it kept
   */
  backward(
    given: tf.Tensor[],
    gradients: [tf.Tensor, tf.Tensor, tf.Tensor],
    kept: [tf.Tensor, tf.Tensor],
  ): Four;
}

const ATTRIBUTES = () => ({ T: attribute.type('float32'), rnn_mode: attribute.string('lstm') });

export const cudnnOps: CudnnOps = {
  forward(inputs) {
    const attributes = { ...ATTRIBUTES(), is_training: attribute.bool(true) }; // a prediction drops what is kept
    return executeOp('CudnnRNNV3', attributes, inputs, 5) as Five;
  },
  backward(given, gradients, kept) {
    return executeOp('CudnnRNNBackpropV3', ATTRIBUTES(), [...given, ...gradients, ...kept], 4) as Four;
  },
};

let asked: { answer: string | undefined } | undefined;

/** Why cuDNN's LSTM cannot be used on this process' card; undefined: it can. The card is asked once. */
export function cudnnFailure(): string | undefined {
  asked ??= { answer: whyNoCudnn() };
  return asked.answer;
}

/** Weights of one unit that sees one number: of the input, of its own output, and a bias, by gate. */
const WEIGHTS = {
  input: [0.9, -0.6, 1.3, 0.4],
  recurrent: [-0.8, 0.5, 0.7, -1.1],
  bias: [0.2, -0.3, 0.1, 0.6],
};
const ROWS = [0.7, -1.2, 0.5];
const FAR = 0.01; // more than products of ten binary digits are off

/** What is wrong with these ops, by an LSTM of three steps that is computed here, too; undefined: nothing. */
export function whyNoCudnn(ops: CudnnOps = cudnnOps): string | undefined {
  try {
    const [found, right] = [computeBy(ops), expected()];
    const isFar = right.some((value, i) => !(Math.abs(value - found[i]!) < FAR));
    const wrong = `it gives ${found.map((x) => x.toFixed(3)).join(', ')} where ${right.map((x) => x.toFixed(3)).join(', ')} is right`;
    return isFar ? wrong : undefined;
  } catch (error) {
    return saidBy(error as Error);
  }
}

/** The outputs, and the gradients of the rows for 1 at each output. */
function computeBy(ops: CudnnOps): number[] {
  const all = tf.tidy(() => {
    const weights = [...WEIGHTS.input, ...WEIGHTS.recurrent, ...WEIGHTS.bias, 0, 0, 0, 0];
    const [rows, state] = [tf.tensor3d(ROWS, [ROWS.length, 1, 1]), tf.zeros([1, 1, 1])];
    const inputs: CudnnInputs = [
      rows,
      state,
      state,
      tf.tensor1d(weights),
      tf.tensor1d([ROWS.length], 'int32'),
    ];
    const [output, hidden, cell, ...kept] = ops.forward(inputs);
    const [dRows] = ops.backward(
      [...inputs, output, hidden, cell],
      [tf.onesLike(output), state, state],
      kept,
    );
    return tf.concat([tf.reshape(output, [-1]), tf.reshape(dRows, [-1])]);
  });
  const values = [...all.dataSync()];
  all.dispose();
  return values;
}

/** The same by the formulas (Hochreiter and Schmidhuber 1997), the gradients by differences. */
function expected(): number[] {
  const small = 1e-4;
  const sumAt = (row: number, by: number) =>
    lstm(ROWS.map((x, i) => (i === row ? x + by : x))).reduce((sum, output) => sum + output);
  const gradients = ROWS.map((_, row) => (sumAt(row, small) - sumAt(row, -small)) / (2 * small));
  return [...lstm(ROWS), ...gradients];
}

function lstm(rows: readonly number[]): number[] {
  let [output, cell] = [0, 0];
  const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
  return rows.map((x) => {
    const sums = WEIGHTS.bias.map(
      (bias, gate) => bias + WEIGHTS.input[gate]! * x + WEIGHTS.recurrent[gate]! * output,
    );
    const [i, f, g, o] = sums as [number, number, number, number];
    cell = sigmoid(f) * cell + sigmoid(i) * Math.tanh(g);
    return (output = sigmoid(o) * Math.tanh(cell));
  });
}
