import type * as tf from '@tensorflow/tfjs-core';

/**
 * One direction's weights in PyTorch's layout, gates in the order input, forget, cell, output:
 * input [4*units, in], recurrent [4*units, units], bias [4*units].
 */
export interface LstmWeights {
  input: tf.Tensor;
  recurrent: tf.Tensor;
  bias: tf.Tensor;
}

export interface LstmShape {
  batch: number;
  seq: number;
}

/** One direction's input and all its gates and states, [seq, batch, units] unless said otherwise. */
export interface LstmCells {
  rows: tf.Tensor; // [seq, batch, in]
  /** Gates after their activation: input, forget, cell, output. */
  i: tf.Tensor;
  f: tf.Tensor;
  g: tf.Tensor;
  o: tf.Tensor;
  cell: tf.Tensor;
  /** tanh of the cell. */
  squashed: tf.Tensor;
  output: tf.Tensor;
}
