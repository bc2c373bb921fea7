import * as tf from '@tensorflow/tfjs-core';
import { activation, activationWithDerivative, type ActivationName } from '../../../ops/activation.js';
import { attendHeads, attendHeadsGradient, mergeHeads, type HeadsSaved } from '../../../ops/attention.js';
import { applyMask, dropoutMask, type DropoutMask, type MaskSource } from '../../../ops/dropout.js';
import { gatherRows } from '../../../ops/gather.js';
import { layerNorm, layerNormGradient, type Normalized } from '../../../ops/layerNorm.js';
import { linear, linearGradient } from '../../../ops/linear.js';
import { rotate, rotateGradient, type Rotation } from '../../../ops/rotary.js';
import { tidy } from '../../../ops/tidy.js';

/** Weights of a layer; nothing has a bias. */
export interface ModernLayerWeights {
  /** None in the first layer, which follows the embeddings' norm. */
  attentionNorm?: tf.Tensor; // [hidden]
  projections: tf.Tensor; // [3*hidden, hidden]: query, key, value
  attentionOut: tf.Tensor; // [hidden, hidden]
  innerNorm: tf.Tensor; // [hidden]
  inner: tf.Tensor; // [2*intermediate, hidden]: what is activated, and its gate
  outer: tf.Tensor; // [hidden, intermediate]
  /** After the last layer. */
  finalNorm?: tf.Tensor; // [hidden]
}

export interface ModernLayerOptions {
  batch: number;
  seq: number;
  heads: number;
  epsilon: number;
  activation: ActivationName;
  dropout: number;
  attentionDropout: number;
  /** As in `Pass`. */
  asked?: tf.Tensor1D;
}

type Norm = Pick<Normalized, 'normal' | 'inverse'>;

/** What the backward pass of a layer needs. n = batch*seq. */
export interface ModernLayerSaved {
  attentionNorm?: Norm;
  attended: tf.Tensor; // [n, hidden], what is projected
  attention: HeadsSaved;
  context: tf.Tensor; // [n, hidden]
  contextMask?: DropoutMask;
  innerNorm: Norm;
  middle: tf.Tensor; // [n, hidden], after its norm
  active: tf.Tensor; // [n, intermediate], activated
  slope: tf.Tensor; // [n, intermediate], the activation's derivative times the gate
  gated: tf.Tensor; // [n, intermediate], after dropout
  gatedMask?: DropoutMask;
  finalNorm?: Norm;
}

/**
 * A layer with its norms before the blocks: x [n, hidden] → [n or asked, hidden]. Keeps what the backward pass needs only where
 * `save` is set; no masks: no dropout.
 * @param bias what is added to the scores [batch, heads, seq, seq]
 */
export function modernLayer(
  x: tf.Tensor,
  bias: tf.Tensor,
  turn: Rotation,
  weights: ModernLayerWeights,
  options: ModernLayerOptions,
  masks: MaskSource | undefined,
  save: boolean,
): { output: tf.Tensor; saved?: ModernLayerSaved } {
  return tidy(() => {
    const normalize = (input: tf.Tensor, weight: tf.Tensor) =>
      layerNorm(input, weight, undefined, options.epsilon);
    const normed = weights.attentionNorm && normalize(x, weights.attentionNorm);
    const attended = normed?.value ?? tf.clone(x); // [n, hidden]
    const { output: all, saved: attention } = tidy(() => {
      const heads = splitProjections(linear(attended, weights.projections, undefined), turn, options);
      const { output, saved } = attendHeads(heads, bias, options.attentionDropout, masks);
      return { output: mergeHeads(output), saved };
    });
    const [context, residual] = options.asked
      ? [gatherRows(all, options.asked), gatherRows(x, options.asked)]
      : [all, x];
    const contextMask = dropoutMask(residual.shape, options.dropout, masks);
    const projected = applyMask(linear(context, weights.attentionOut, undefined), contextMask);
    const between = tf.add(residual, projected); // [n or asked, hidden]

    const middle = normalize(between, weights.innerNorm);
    const { active, slope, gatedMask, gated } = tidy(() => {
      const [wide, gate] = tf.split(linear(middle.value, weights.inner, undefined), 2, 1) as [
        tf.Tensor,
        tf.Tensor,
      ];
      const both = save ? activationWithDerivative(wide, options.activation) : undefined;
      const value = both?.value ?? activation(wide, options.activation); // [n, intermediate]
      const mask = dropoutMask(value.shape, options.dropout, masks);
      return {
        active: value,
        slope: both && tf.mul(both.derivative, gate),
        gatedMask: mask,
        gated: applyMask(tf.mul(value, gate), mask),
      };
    });
    const after = tf.add(between, linear(gated, weights.outer, undefined));
    const last = weights.finalNorm && normalize(after, weights.finalNorm);
    const output = last?.value ?? after;
    if (!slope) return { output };
    const saved: ModernLayerSaved = {
      attentionNorm: normed && { normal: normed.normal, inverse: normed.inverse },
      attended,
      attention,
      context,
      active,
      slope,
      gated,
      contextMask,
      innerNorm: { normal: middle.normal, inverse: middle.inverse },
      middle: middle.value,
      gatedMask,
      finalNorm: last && { normal: last.normal, inverse: last.inverse },
    };
    return { output, saved };
  });
}

/** Gradients of `modernLayer` for dy [n, hidden]: of its input and of its weights, where wanted. */
export function modernLayerGradient(
  dy: tf.Tensor,
  saved: ModernLayerSaved,
  turn: Rotation,
  weights: ModernLayerWeights,
  options: ModernLayerOptions,
  wanted: { input: boolean; weights: boolean },
): { input?: tf.Tensor; parts: Partial<Record<keyof ModernLayerWeights, tf.Tensor>> } {
  return tidy(() => {
    const bare = { weights: wanted.weights, bias: false };
    const inside = { ...bare, input: true };
    const last = saved.finalNorm && layerNormGradient(dy, saved.finalNorm, weights.finalNorm!, bare);
    const dAfter = last?.input ?? dy; // [n, hidden]

    const feedForward = tidy(() => {
      const outer = linearGradient(dAfter, saved.gated, weights.outer, inside);
      const dGated = applyMask(outer.input!, saved.gatedMask); // [n, intermediate]
      const dWide = tf.concat([tf.mul(dGated, saved.slope), tf.mul(dGated, saved.active)], 1); // [n, 2*intermediate]
      const inner = linearGradient(dWide, saved.middle, weights.inner, inside);
      const norm = layerNormGradient(inner.input!, saved.innerNorm, weights.innerNorm, bare);
      return {
        input: tf.add(dAfter, norm.input),
        outer: outer.weight,
        inner: inner.weight,
        innerNorm: norm.weight,
      };
    });

    const dContext = applyMask(feedForward.input, saved.contextMask);
    const out = linearGradient(dContext, saved.context, weights.attentionOut, inside);
    const dProjected = tidy(() => {
      const { batch, seq, heads } = options;
      const split = tf.transpose(tf.reshape(out.input!, [batch, seq, heads, -1]), [0, 2, 1, 3]);
      return mergeProjections(attendHeadsGradient(split, saved.attention), turn, options); // [n, 3*hidden]
    });
    const isNormed = saved.attentionNorm !== undefined;
    const needed = { ...bare, input: wanted.input || (isNormed && wanted.weights) };
    const projections = linearGradient(dProjected, saved.attended, weights.projections, needed);
    const norm =
      isNormed && projections.input
        ? layerNormGradient(projections.input, saved.attentionNorm!, weights.attentionNorm!, bare)
        : undefined;
    const below = norm?.input ?? projections.input;
    const parts: Partial<Record<keyof ModernLayerWeights, tf.Tensor | undefined>> = {
      attentionNorm: norm?.weight,
      projections: projections.weight,
      attentionOut: out.weight,
      innerNorm: feedForward.innerNorm,
      inner: feedForward.inner,
      outer: feedForward.outer,
      finalNorm: last?.weight,
    };
    const known = Object.entries(parts).filter(([, gradient]) => gradient);
    return {
      input: wanted.input ? tf.add(feedForward.input, below!) : undefined,
      parts: Object.fromEntries(wanted.weights ? known : []),
    };
  });
}

/** [n, 3*hidden] → heads whose queries and keys are turned, the queries scaled by 1 / √size. */
function splitProjections(projected: tf.Tensor, turn: Rotation, { batch, seq, heads }: ModernLayerOptions) {
  return tidy(() => {
    const size = projected.shape[1]! / 3 / heads;
    const apart = tf.transpose(tf.reshape(projected, [batch, seq, 3, heads, size]), [2, 0, 3, 1, 4]);
    const [query, key, value] = tf
      .split(apart, 3, 0)
      .map((part) => tf.reshape(part, [batch, heads, seq, size])) as [tf.Tensor, tf.Tensor, tf.Tensor];
    return { query: tf.mul(rotate(query, turn), 1 / Math.sqrt(size)), key: rotate(key, turn), value };
  });
}

/** The gradient of `splitProjections` → [n, 3*hidden]. */
function mergeProjections(
  d: { query: tf.Tensor; key: tf.Tensor; value: tf.Tensor },
  turn: Rotation,
  { batch, seq, heads }: ModernLayerOptions,
): tf.Tensor {
  return tidy(() => {
    const size = d.query.shape[3]!;
    const query = rotateGradient(tf.mul(d.query, 1 / Math.sqrt(size)), turn);
    const apart = tf.stack([query, rotateGradient(d.key, turn), d.value]); // [3, batch, heads, seq, size]
    return tf.reshape(tf.transpose(apart, [1, 3, 0, 2, 4]), [batch * seq, 3 * heads * size]);
  });
}
