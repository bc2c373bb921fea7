import * as tf from '@tensorflow/tfjs-core';
import { layerNorm, layerNormGradient, type Normalized } from '../../../ops/layerNorm.js';
import { tidy } from '../../../ops/tidy.js';
import type { RelativeConfig } from './config.js';

/** The rows of the table that pieces of one window can see of each other. */
export interface Reach {
  first: number;
  count: number;
  /** [2*seq - 1]: of the distances from -(seq - 1) to seq - 1, each one's row, counted from the first. */
  order: Int32Array;
}

/** Rows of the table of relative positions. */
export function tableRows({ buckets, farthest }: RelativeConfig): number {
  return 2 * (buckets || farthest);
}

/** Distances are those of a query from a key, i - j. */
export function reach(config: RelativeConfig, seq: number): Reach {
  const rows = tableRows(config);
  const rowOf = (distance: number) => Math.min(Math.max(bucket(distance, config) + rows / 2, 0), rows - 1);
  const first = rowOf(1 - seq);
  const order = Int32Array.from({ length: 2 * seq - 1 }, (_, i) => rowOf(i - (seq - 1)) - first);
  return { first, count: order.at(-1)! + 1, order };
}

/** Near distances are their own buckets, farther ones share them, the more the farther (He et al. 2021). */
export function bucket(distance: number, { buckets, farthest }: RelativeConfig): number {
  const middle = Math.floor(buckets / 2);
  const far = Math.abs(distance);
  if (buckets === 0 || far <= middle) return distance;
  const share = Math.log(far / middle) / Math.log((farthest - 1) / middle);
  return Math.sign(distance) * (Math.ceil(share * (middle - 1)) + middle);
}

/** The rows in reach, normalised where there is a norm → [count, hidden]. */
export function reachedRows(
  table: tf.Tensor, // [rows, hidden]
  { first, count }: Reach,
  norm: { weight: tf.Tensor; bias: tf.Tensor; epsilon: number } | undefined,
): { value: tf.Tensor; norm?: Pick<Normalized, 'normal' | 'inverse'> } {
  return tidy(() => {
    const rows = tf.slice(table, [first, 0], [count, table.shape[1]!]);
    if (!norm) return { value: rows };
    const { value, ...rest } = layerNorm(rows, norm.weight, norm.bias, norm.epsilon);
    return { value, norm: rest };
  });
}

/** Gradients of `reachedRows` for d [count, hidden]: of the whole table and of the norm. */
export function reachedRowsGradient(
  d: tf.Tensor,
  table: tf.Tensor,
  first: number,
  norm: { saved: Pick<Normalized, 'normal' | 'inverse'>; weight: tf.Tensor } | undefined,
): { table: tf.Tensor; weight?: tf.Tensor; bias?: tf.Tensor } {
  return tidy(() => {
    const before = norm && layerNormGradient(d, norm.saved, norm.weight, { weights: true });
    const rows = before?.input ?? d; // [count, hidden]
    const after = table.shape[0]! - first - rows.shape[0]!;
    const padded = tf.pad(rows, [[first, after], [0, 0]]); // prettier-ignore
    return { table: padded, weight: before?.weight, bias: before?.bias };
  });
}
