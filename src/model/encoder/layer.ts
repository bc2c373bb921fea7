import * as tf from '@tensorflow/tfjs-core';
import { activation, activationWithDerivative, type ActivationName } from '../../ops/activation.js';
import {
  attention,
  attentionGradient,
  type AttentionSaved,
  type AttentionShape,
} from '../../ops/attention.js';
import { applyMask, dropoutMask, type MaskSource } from '../../ops/dropout.js';
import { layerNorm, layerNormGradient, type Normalized } from '../../ops/layerNorm.js';
import { linear, linearGradient } from '../../ops/linear.js';
import { tidy } from '../../ops/tidy.js';
import type { LayerPart } from '../weights/names.js';

export interface Pair {
  weight: tf.Tensor;
  bias: tf.Tensor;
}
export type LayerWeights = Record<LayerPart, Pair>;

export interface LayerOptions {
  shape: AttentionShape;
  epsilon: number;
  activation: ActivationName;
  dropout: number;
  attentionDropout: number;
  /** BERT drops out after the attention's output too, DistilBERT does not. */
  dropoutAfterAttention: boolean;
}

/** What the backward pass of a layer needs. n = batch*seq. */
export interface LayerSaved {
  input: tf.Tensor; // [n, hidden]
  attention: AttentionSaved;
  context: tf.Tensor; // [n, hidden]
  contextMask?: tf.Tensor;
  attentionNorm: Pick<Normalized, 'normal' | 'inverse'>;
  middle: tf.Tensor; // [n, hidden]
  inner: tf.Tensor; // [n, intermediate], after the activation
  slope: tf.Tensor; // [n, intermediate], the activation's derivative
  outerMask?: tf.Tensor;
  outputNorm: Pick<Normalized, 'normal' | 'inverse'>;
}

/**
 * One post-norm Transformer layer (BERT, DistilBERT): x [n, hidden], bias [batch, 1, 1, seq] →
 * [n, hidden]. Keeps what the backward pass needs only where `save` is set; no masks: no dropout.
 */
export function encoderLayer(
  x: tf.Tensor,
  bias: tf.Tensor,
  weights: LayerWeights,
  options: LayerOptions,
  masks: MaskSource | undefined,
  save: boolean,
): { output: tf.Tensor; saved?: LayerSaved } {
  return tidy(() => {
    const project = (part: LayerPart, input: tf.Tensor) =>
      linear(input, weights[part].weight, weights[part].bias);
    const normalize = (part: 'attentionNorm' | 'outputNorm', input: tf.Tensor) =>
      layerNorm(input, weights[part].weight, weights[part].bias, options.epsilon);

    const attended = tidy(() => {
      const [q, k, v] = [project('query', x), project('key', x), project('value', x)];
      return attention(q, k, v, bias, options.shape, options.attentionDropout, masks);
    });
    const rate = options.dropoutAfterAttention ? options.dropout : 0;
    const contextMask = dropoutMask(x.shape, rate, masks);
    const projected = applyMask(project('attentionOut', attended.output), contextMask);
    const middle = normalize('attentionNorm', tf.add(projected, x)); // [n, hidden]

    const { inner, slope } = tidy(() => {
      const wide = project('inner', middle.value); // [n, intermediate]
      if (!save) return { inner: activation(wide, options.activation), slope: undefined };
      const { value, derivative } = activationWithDerivative(wide, options.activation);
      return { inner: value, slope: derivative };
    });
    const outerMask = dropoutMask(x.shape, options.dropout, masks);
    const narrow = applyMask(project('outer', inner), outerMask);
    const output = normalize('outputNorm', tf.add(narrow, middle.value)); // [n, hidden]

    if (!slope) return { output: output.value };
    const saved: LayerSaved = {
      input: tf.clone(x),
      attention: attended.saved,
      context: attended.output,
      ...(contextMask && { contextMask }),
      attentionNorm: { normal: middle.normal, inverse: middle.inverse },
      middle: middle.value,
      inner,
      slope,
      ...(outerMask && { outerMask }),
      outputNorm: { normal: output.normal, inverse: output.inverse },
    };
    return { output: output.value, saved };
  });
}

/** Gradients of `encoderLayer` for dy [n, hidden]: of its input and of its weights, where wanted. */
export function encoderLayerGradient(
  dy: tf.Tensor,
  saved: LayerSaved,
  weights: LayerWeights,
  options: LayerOptions,
  wanted: { input: boolean; weights: boolean },
): { input?: tf.Tensor; weights?: LayerWeights } {
  return tidy(() => {
    const inside = { ...wanted, input: true };
    const feedForward = tidy(() => {
      const outputNorm = layerNormGradient(dy, saved.outputNorm, weights.outputNorm.weight, wanted);
      const dNarrow = applyMask(outputNorm.input, saved.outerMask); // [n, hidden]
      const outer = linearGradient(dNarrow, saved.inner, weights.outer.weight, inside);
      const dWide = tf.mul(outer.input!, saved.slope); // [n, intermediate]
      const inner = linearGradient(dWide, saved.middle, weights.inner.weight, inside);
      const dMiddle = tf.add(outputNorm.input, inner.input!); // [n, hidden]
      return { dMiddle, inner: pair(inner), outer: pair(outer), outputNorm: pair(outputNorm) };
    });
    const attentionNorm = layerNormGradient(
      feedForward.dMiddle,
      saved.attentionNorm,
      weights.attentionNorm.weight,
      wanted,
    );
    const dProjected = applyMask(attentionNorm.input, saved.contextMask); // [n, hidden]
    const attentionOut = linearGradient(dProjected, saved.context, weights.attentionOut.weight, inside);
    const d = attentionGradient(attentionOut.input!, saved.attention, options.shape);
    const query = linearGradient(d.query, saved.input, weights.query.weight, wanted);
    const key = linearGradient(d.key, saved.input, weights.key.weight, wanted);
    const value = linearGradient(d.value, saved.input, weights.value.weight, wanted);

    const { dMiddle: _, ...lower } = feedForward;
    return {
      ...(wanted.input && {
        input: tf.addN([attentionNorm.input, query.input!, key.input!, value.input!]),
      }),
      ...(wanted.weights && {
        weights: {
          query: pair(query),
          key: pair(key),
          value: pair(value),
          attentionOut: pair(attentionOut),
          attentionNorm: pair(attentionNorm),
          ...lower,
        } as LayerWeights,
      }),
    };
  });
}

function pair({ weight, bias }: { weight?: tf.Tensor; bias?: tf.Tensor }): Partial<Pair> {
  return { ...(weight && { weight }), ...(bias && { bias }) };
}
