import * as tf from '@tensorflow/tfjs-core';
import { matMul16, reshape16, toBfloat16, toFloat32, transpose16 } from './bfloat16.js';
import { applyMask, dropoutMask, type MaskSource } from './dropout.js';
import { tidy } from './tidy.js';

export interface AttentionShape {
  batch: number;
  seq: number;
  heads: number;
}

/** What the backward pass needs; `query` is scaled. */
export interface AttentionSaved {
  query: tf.Tensor; // [batch, heads, seq, size]
  key: tf.Tensor; // [batch, heads, seq, size]
  value: tf.Tensor; // [batch, heads, seq, size]
  weights: tf.Tensor; // [batch, heads, seq, seq]
  mask?: tf.Tensor; // [batch, heads, seq, seq]
}

/**
 * Scaled dot-product attention (Vaswani et al. 2017, eq. 1) over several heads.
 * query, key, value: [batch*seq, hidden]; bias: [batch, 1, 1, seq], 0 for pieces and very negative for
 * padding. Returns [batch*seq, hidden].
 */
export function attention(
  query: tf.Tensor,
  key: tf.Tensor,
  value: tf.Tensor,
  bias: tf.Tensor,
  shape: AttentionShape,
  dropout: number,
  masks: MaskSource | undefined,
): { output: tf.Tensor; saved: AttentionSaved } {
  return tidy(() => {
    const size = query.shape[1]! / shape.heads;
    const q = splitHeads(tf.mul(query, 1 / Math.sqrt(size)), shape);
    const { output, saved } = attendHeads(
      { query: q, key: splitHeads(key, shape), value: splitHeads(value, shape) },
      bias,
      dropout,
      masks,
    );
    return { output: mergeHeads(output), saved }; // [batch*seq, hidden]
  });
}

/** Query (scaled), key and value of every head, [batch, heads, seq, size] each. */
export interface Heads {
  query: tf.Tensor;
  key: tf.Tensor;
  value: tf.Tensor;
}

/** The same of split heads → [batch, heads, seq, size]; bias: anything that [batch, heads, seq, seq] can be added to. */
export function attendHeads(
  { query, key, value }: Heads,
  bias: tf.Tensor,
  dropout: number,
  masks: MaskSource | undefined,
): { output: tf.Tensor; saved: AttentionSaved } {
  return tidy(() => {
    const weights: tf.Tensor = tf.softmax(tf.add(tf.matMul(query, key, false, true), bias)); // [batch, heads, seq, seq]
    const mask = dropoutMask(weights.shape, dropout, masks);
    const output = tf.matMul(applyMask(weights, mask), value);
    return { output, saved: { query, key, value, weights, mask } };
  });
}

/**
 * The same of query, key and value in bfloat16 on the native engine, for where no gradients are wanted: all is in
 * bfloat16 but the softmax.
 */
export function attention16(
  query: tf.Tensor,
  key: tf.Tensor,
  value: tf.Tensor,
  bias: tf.Tensor,
  { batch, seq, heads }: AttentionShape,
  dropout: number,
  masks: MaskSource | undefined,
): tf.Tensor {
  return tidy(() => {
    const hidden = query.shape[1]!;
    const [q, k, v] = [query, key, value].map((x) =>
      transpose16(reshape16(x, [batch, seq, heads, hidden / heads]), [0, 2, 1, 3]),
    ) as [tf.Tensor, tf.Tensor, tf.Tensor];
    const scores = tf.mul(toFloat32(matMul16(q, k, true)), 1 / Math.sqrt(hidden / heads)); // [batch, heads, seq, seq]
    const weights: tf.Tensor = tf.softmax(tf.add(scores, bias));
    const mask = dropoutMask(weights.shape, dropout, masks);
    const output = matMul16(toBfloat16(applyMask(weights, mask)), v); // [batch, heads, seq, hidden / heads]
    return reshape16(transpose16(output, [0, 2, 1, 3]), [batch * seq, hidden]);
  });
}

/** Gradients of `attention` for query, key and value, each [batch*seq, hidden]. */
export function attentionGradient(
  dOutput: tf.Tensor,
  saved: AttentionSaved,
  shape: AttentionShape,
): { query: tf.Tensor; key: tf.Tensor; value: tf.Tensor } {
  return tidy(() => {
    const size = saved.query.shape[3]!;
    const { query, key, value } = attendHeadsGradient(splitHeads(dOutput, shape), saved);
    return {
      query: tf.mul(mergeHeads(query), 1 / Math.sqrt(size)),
      key: mergeHeads(key),
      value: mergeHeads(value),
    };
  });
}

/** Gradients of `attendHeads` for dContext [batch, heads, seq, size], that of the scores [batch, heads, seq, seq] too. */
export function attendHeadsGradient(
  dContext: tf.Tensor,
  { query, key, value, weights, mask }: AttentionSaved,
): Heads & { scores: tf.Tensor } {
  return tidy(() => {
    const dValue = tf.matMul(applyMask(weights, mask), dContext, true, false);
    const dWeights = applyMask(tf.matMul(dContext, value, false, true), mask); // [batch, heads, seq, seq]
    const weighted = tf.mul(dWeights, weights);
    const dScores = tf.sub(weighted, tf.mul(weights, tf.sum(weighted, -1, true)));
    return {
      query: tf.matMul(dScores, key),
      key: tf.matMul(dScores, query, true, false),
      value: dValue,
      scores: dScores,
    };
  });
}

/** [batch*seq, hidden] → [batch, heads, seq, size] */
export function splitHeads(x: tf.Tensor, { batch, seq, heads }: AttentionShape): tf.Tensor {
  return tidy(() => {
    const split = tf.reshape(x, [batch, seq, heads, x.shape[1]! / heads]);
    return tf.transpose(split, [0, 2, 1, 3]);
  });
}

/** [batch, heads, seq, size] → [batch*seq, hidden] */
export function mergeHeads(x: tf.Tensor): tf.Tensor {
  return tidy(() => {
    const [batch, heads, seq, size] = x.shape as [number, number, number, number];
    return tf.reshape(tf.transpose(x, [0, 2, 1, 3]), [batch * seq, heads * size]);
  });
}
