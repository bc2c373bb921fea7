import * as tf from '@tensorflow/tfjs-core';
import { gatherRows } from './gather.js';

/** Rows of a table [rows, hidden] by ids [n] → [n, hidden]. */
export function embedding(table: tf.Tensor, ids: tf.Tensor1D): tf.Tensor {
  return gatherRows(table, ids);
}

/** Gradient of `embedding` for the table: the rows of dy [n, hidden] summed by id → [rows, hidden]. */
export function embeddingGradient(dy: tf.Tensor, ids: tf.Tensor1D, rows: number): tf.Tensor {
  return tf.unsortedSegmentSum(dy, ids, rows);
}
