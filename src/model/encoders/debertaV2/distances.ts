import * as tf from '@tensorflow/tfjs-core';
import { tidy } from '../../../ops/tidy.js';

/**
 * Where to take rows from, for `byPair` and back: data, not arithmetic, so that each is one op that copies
 * whole rows.
 */
export interface PairRows {
  forward: tf.Tensor1D; // [seq]
  backward: tf.Tensor1D; // [2*seq - 1]
}

export function pairRows(seq: number): PairRows {
  const even = Int32Array.from({ length: seq }, (_, i) => 2 * i);
  const apart = Int32Array.from({ length: 2 * seq - 1 }, (_, i) => (i % 2 ? seq : i / 2));
  return { forward: tf.tensor1d(even, 'int32'), backward: tf.tensor1d(apart, 'int32') };
}

/**
 * Scores by distance, x [batch, heads, seq, 2*seq - 1] → by pair, [batch, heads, seq, seq]: y[i, j] = x[i, i + j].
 * Where one side of the pair is numbered backwards, i + j is their distance. Every row begins one element
 * later than the one before: in the same numbers, read as 2*seq - 1 rows of seq, those are the even rows. No
 * number is looked up by itself (the "skew" of Huang et al. 2019 without its padding).
 */
export function byPair(x: tf.Tensor, { forward }: PairRows): tf.Tensor {
  return tidy(() => {
    const [batch, heads, seq, distances] = x.shape as [number, number, number, number];
    return tf.gather(tf.reshape(x, [batch, heads, distances, seq]), forward, 2);
  });
}

/** The gradient of `byPair` for dy [batch, heads, seq, seq] → [batch, heads, seq, 2*seq - 1]. */
export function byPairGradient(dy: tf.Tensor, { backward }: PairRows): tf.Tensor {
  return tidy(() => {
    const [batch, heads, seq] = dy.shape as [number, number, number];
    const padded = tf.pad(dy, [[0, 0], [0, 0], [0, 1], [0, 0]]); // prettier-ignore
    return tf.reshape(tf.gather(padded, backward, 2), [batch, heads, seq, 2 * seq - 1]);
  });
}

/**
 * What pieces score of positions: x [batch, heads, seq, size], positions [1, heads, 2*seq - 1, size]
 * → [batch, heads, seq, seq], as `byPair` has them.
 */
export function positionScores(x: tf.Tensor, positions: tf.Tensor, rows: PairRows): tf.Tensor {
  return tidy(() => byPair(tf.matMul(x, positions, false, true), rows));
}

/** Gradients of `positionScores` for dy [batch, heads, seq, seq]. */
export function positionScoresGradient(
  dy: tf.Tensor,
  x: tf.Tensor,
  positions: tf.Tensor,
  rows: PairRows,
  wanted: { positions: boolean },
): { x: tf.Tensor; positions?: tf.Tensor } {
  return tidy(() => {
    const d = byPairGradient(dy, rows); // [batch, heads, seq, 2*seq - 1]
    return {
      x: tf.matMul(d, positions),
      positions: wanted.positions ? tf.sum(tf.matMul(d, x, true, false), 0, true) : undefined,
    };
  });
}
