import * as tf from '@tensorflow/tfjs-core';
import { attribute, executeOp, hasOwnKernels } from '../backend/native.js';
import { matMul16, reshape16, toBfloat16, toFloat32, transpose16 } from './bfloat16.js';
import { applyMask, dropoutMask, type DropoutMask, type MaskSource } from './dropout.js';
import { isRecording } from './tape.js';
import { tidy } from './tidy.js';

export interface AttentionShape {
  batch: number;
  seq: number;
  heads: number;
}

/** What the backward pass of split heads needs; `query` is scaled. */
export interface HeadsSaved {
  query: tf.Tensor; // [batch, heads, seq, size]
  key: tf.Tensor; // [batch, heads, seq, size]
  value: tf.Tensor; // [batch, heads, seq, size]
  weights: tf.Tensor; // [batch, heads, seq, seq]
  mask?: DropoutMask; // [batch, heads, seq, seq]
}

/** That of our own kernel, which splits nothing. */
interface OwnSaved extends Pick<HeadsSaved, 'weights' | 'mask'> {
  projected: tf.Tensor[]; // query, key and value as they came, [batch*seq, hidden] each
}

export type AttentionSaved = HeadsSaved | OwnSaved;

/**
 * Scaled dot-product attention (Vaswani et al. 2017, eq. 1) over several heads.
 * query, key, value: [batch*seq, hidden]; bias: [batch, 1, 1, seq], 0 for pieces and very negative for
 * padding. Returns [batch*seq, hidden].
 * @param save false: there will be no backward pass, and what is saved need not do for one
 */
export function attention(
  query: tf.Tensor,
  key: tf.Tensor,
  value: tf.Tensor,
  bias: tf.Tensor,
  shape: AttentionShape,
  dropout: number,
  masks: MaskSource | undefined,
  save = true,
): { output: tf.Tensor; saved: AttentionSaved } {
  return tidy(() => {
    if (hasOwnKernels() && !isRecording()) {
      const { batch, seq, heads } = shape;
      const mask = dropoutMask([batch, heads, seq, seq], dropout, masks);
      const attributes = { ...ownAttributes(shape, mask), keep: attribute.bool(save) };
      const inputs = [query, key, value, bias, keptBy(mask)];
      const [output, weights] = executeOp('HostAttention', attributes, inputs, 2) as [tf.Tensor, tf.Tensor];
      return { output, saved: { projected: [query, key, value].map((x) => tf.clone(x)), weights, mask } };
    }
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
): { output: tf.Tensor; saved: HeadsSaved } {
  return tidy(() => {
    const weights = softmaxOf(tf.matMul(query, key, false, true), bias); // [batch, heads, seq, seq]
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
    const weights = softmax16(matMul16(q, k, true), bias, 1 / Math.sqrt(hidden / heads)); // [batch, heads, seq, seq]
    const mask = dropoutMask(weights.shape, dropout, masks);
    const dropped = mask ? toBfloat16(applyMask(toFloat32(weights), mask)) : weights;
    const output = matMul16(dropped, v); // [batch, heads, seq, hidden / heads]
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
    if ('projected' in saved) {
      const inputs = [dOutput, ...saved.projected, saved.weights, keptBy(saved.mask)];
      const own = executeOp('HostAttentionGrad', ownAttributes(shape, saved.mask), inputs, 3);
      const [query, key, value] = own as [tf.Tensor, tf.Tensor, tf.Tensor];
      return { query, key, value };
    }
    const size = saved.query.shape[3]!;
    const { query, key, value } = attendHeadsGradient(splitHeads(dOutput, shape), saved);
    return {
      query: tf.mul(mergeHeads(query), 1 / Math.sqrt(size)),
      key: mergeHeads(key),
      value: mergeHeads(value),
    };
  });
}

function ownAttributes({ heads }: AttentionShape, mask: DropoutMask | undefined) {
  return { rate: attribute.float(mask?.rate ?? 0), heads: attribute.int(heads) };
}

/** What a mask keeps, as our own kernel takes it: of no elements where all is. */
function keptBy(mask: DropoutMask | undefined): tf.Tensor {
  return mask ? tf.clone(mask.kept) : tf.tensor([], [0], 'bool');
}

/** Gradients of `attendHeads` for dContext [batch, heads, seq, size], that of the scores [batch, heads, seq, seq] too. */
export function attendHeadsGradient(
  dContext: tf.Tensor,
  { query, key, value, weights, mask }: HeadsSaved,
): Heads & { scores: tf.Tensor } {
  return tidy(() => {
    const dValue = tf.matMul(applyMask(weights, mask), dContext, true, false);
    const dWeights = applyMask(tf.matMul(dContext, value, false, true), mask); // [batch, heads, seq, seq]
    const dScores = softmaxGradient(dWeights, weights);
    return {
      query: tf.matMul(dScores, key),
      key: tf.matMul(dScores, query, true, false),
      value: dValue,
      scores: dScores,
    };
  });
}

/** The softmax of scores [batch, heads, seq, seq] and a bias that can be added to them. */
function softmaxOf(scores: tf.Tensor, bias: tf.Tensor): tf.Tensor {
  if (!hasOwnKernels() || isRecording() || bias.rank !== 4) return tf.softmax(tf.add(scores, bias));
  return executeOp('HostSoftmax', { scale: attribute.float(1) }, [scores, bias])[0]!;
}

/** That of scores in bfloat16 times `scale`, in bfloat16; what is between is float32. */
function softmax16(scores: tf.Tensor, bias: tf.Tensor, scale: number): tf.Tensor {
  return executeOp('HostSoftmax16', { scale: attribute.float(scale) }, [scores, bias])[0]!;
}

function softmaxGradient(dWeights: tf.Tensor, weights: tf.Tensor): tf.Tensor {
  if (hasOwnKernels()) return executeOp('HostSoftmaxGrad', {}, [dWeights, weights])[0]!;
  const weighted = tf.mul(dWeights, weights);
  return tf.sub(weighted, tf.mul(weights, tf.sum(weighted, -1, true)));
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
