import * as tf from '@tensorflow/tfjs-core';
import { activatedLinear, throughActivation } from '../../../ops/activatedLinear.js';
import { activation, type ActivationName } from '../../../ops/activation.js';
import { applyMask, dropoutMask, type DropoutMask, type MaskSource } from '../../../ops/dropout.js';
import { gatherRows } from '../../../ops/gather.js';
import { layerNorm, layerNormGradient, type Normalized } from '../../../ops/layerNorm.js';
import { linear, linearGradient } from '../../../ops/linear.js';
import { tidy } from '../../../ops/tidy.js';

export interface Pair {
  weight: tf.Tensor;
  bias: tf.Tensor;
}

/** The parts of a layer that have a weight and a bias. */
export const LAYER_PARTS = [
  ...(['query', 'key', 'value', 'attentionOut'] as const),
  ...(['attentionNorm', 'inner', 'outer', 'outputNorm'] as const),
] as const;
export type LayerPart = (typeof LAYER_PARTS)[number];
export type LayerWeights = Record<LayerPart, Pair>;
/** What attention projects by; a family may have more. */
export type Projections = Pick<LayerWeights, 'query' | 'key' | 'value'>;

export interface LayerOptions {
  epsilon: number;
  activation: ActivationName;
  dropout: number;
  /** BERT drops out after the attention's output too, DistilBERT does not. */
  dropoutAfterAttention: boolean;
  /** As in `Pass`. */
  asked?: tf.Tensor1D;
}

/** What a layer attends with: x [n, hidden] → [n, hidden], its projections of x included. n = batch*seq. */
export interface SelfAttention<Saved, P extends Projections = Projections> {
  /** `save`: whether there will be a backward pass. */
  forward(x: tf.Tensor, masks: MaskSource | undefined, save: boolean): { output: tf.Tensor; saved: Saved };
  gradient(
    dy: tf.Tensor,
    saved: Saved,
    x: tf.Tensor,
    wanted: { input: boolean; weights: boolean; shared: boolean },
  ): AttentionGradient<P>;
}

export interface AttentionGradient<P extends Projections = Projections> {
  /** To be summed: that of x through each projection [n, hidden]; none where not wanted. */
  inputs: tf.Tensor[];
  /** Of the projections; none where not wanted. */
  weights?: P;
  /** Of what all layers share. */
  shared?: tf.Tensor;
}

/** What the backward pass of a layer needs. */
export interface LayerSaved<Attended> {
  input: tf.Tensor; // [n, hidden]
  attention: Attended;
  context: tf.Tensor; // [n, hidden]
  contextMask?: DropoutMask;
  attentionNorm: Pick<Normalized, 'normal' | 'inverse'>;
  middle: tf.Tensor; // [n, hidden]
  inner: tf.Tensor; // [n, intermediate], after the activation; perhaps in bfloat16
  slope: tf.Tensor; // [n, intermediate], the activation's derivative
  outerMask?: DropoutMask;
  outputNorm: Pick<Normalized, 'normal' | 'inverse'>;
}

/**
 * One Transformer layer with its norms after the sums (Vaswani et al. 2017): x [n, hidden] → [n or asked, hidden]. Keeps
 * what the backward pass needs only where `save` is set; no masks: no dropout.
 */
export function encoderLayer<S>(
  x: tf.Tensor,
  attention: SelfAttention<S>,
  weights: LayerWeights,
  options: LayerOptions,
  masks: MaskSource | undefined,
  save: boolean,
): { output: tf.Tensor; saved?: LayerSaved<S> } {
  return tidy(() => {
    const project = (part: LayerPart, input: tf.Tensor) =>
      linear(input, weights[part].weight, weights[part].bias);
    const normalize = (part: 'attentionNorm' | 'outputNorm', input: tf.Tensor) =>
      layerNorm(input, weights[part].weight, weights[part].bias, options.epsilon);

    const attended = tidy(() => attention.forward(x, masks, save));
    const context = rowsOf(attended.output, options.asked);
    const residual = rowsOf(x, options.asked);
    const rate = options.dropoutAfterAttention ? options.dropout : 0;
    const contextMask = dropoutMask(residual.shape, rate, masks);
    const projected = applyMask(project('attentionOut', context), contextMask);
    const middle = normalize('attentionNorm', tf.add(projected, residual)); // [n or asked, hidden]

    const { inner, slope } = tidy(() => {
      if (!save)
        return { inner: activation(project('inner', middle.value), options.activation), slope: undefined };
      const { weight, bias } = weights.inner;
      const { value, derivative } = activatedLinear(middle.value, weight, bias, options.activation);
      return { inner: value, slope: derivative }; // [n, intermediate]
    });
    const outerMask = dropoutMask(residual.shape, options.dropout, masks);
    const narrow = applyMask(project('outer', inner), outerMask);
    const output = normalize('outputNorm', tf.add(narrow, middle.value)); // [n or asked, hidden]

    if (!slope) return { output: output.value };
    const saved: LayerSaved<S> = {
      input: tf.clone(x),
      attention: attended.saved,
      context: attended.output,
      contextMask,
      attentionNorm: { normal: middle.normal, inverse: middle.inverse },
      middle: middle.value,
      inner,
      slope,
      outerMask,
      outputNorm: { normal: output.normal, inverse: output.inverse },
    };
    return { output: output.value, saved };
  });
}

/** Some of the rows [asked, hidden], or all of them. */
const rowsOf = (all: tf.Tensor, asked: tf.Tensor1D | undefined) => (asked ? gatherRows(all, asked) : all);

/** Gradients of `encoderLayer` for dy [n, hidden]: of its input and of its weights, where wanted. */
export function encoderLayerGradient<S, P extends Projections>(
  dy: tf.Tensor,
  saved: LayerSaved<S>,
  attention: SelfAttention<S, P>,
  weights: LayerWeights,
  wanted: { input: boolean; weights: boolean; shared: boolean },
): { input?: tf.Tensor; weights?: LayerWeights & P; shared?: tf.Tensor } {
  return tidy(() => {
    const inside = { ...wanted, input: true };
    const feedForward = tidy(() => {
      const outputNorm = layerNormGradient(dy, saved.outputNorm, weights.outputNorm.weight, wanted);
      const dNarrow = applyMask(outputNorm.input, saved.outerMask); // [n, hidden]
      const outer = linearGradient(dNarrow, saved.inner, weights.outer.weight, { ...wanted, input: false });
      const dWide = throughActivation(dNarrow, weights.outer.weight, saved.slope); // [n, intermediate]
      const inner = linearGradient(dWide.input, saved.middle, weights.inner.weight, {
        ...inside,
        bias: false,
      });
      const dMiddle = tf.add(outputNorm.input, inner.input!); // [n, hidden]
      const ofInner = wanted.weights ? { ...pair(inner), bias: dWide.sum } : {};
      return { dMiddle, inner: ofInner, outer: pair(outer), outputNorm: pair(outputNorm) };
    });
    const attentionNorm = layerNormGradient(
      feedForward.dMiddle,
      saved.attentionNorm,
      weights.attentionNorm.weight,
      wanted,
    );
    const dProjected = applyMask(attentionNorm.input, saved.contextMask); // [n, hidden]
    const attentionOut = linearGradient(dProjected, saved.context, weights.attentionOut.weight, inside);
    const below = attention.gradient(attentionOut.input!, saved.attention, saved.input, wanted);

    const { dMiddle: _, ...lower } = feedForward;
    return {
      input: wanted.input ? tf.addN([attentionNorm.input, ...below.inputs]) : undefined,
      shared: below.shared,
      weights: wanted.weights
        ? ({
            ...below.weights,
            attentionOut: pair(attentionOut),
            attentionNorm: pair(attentionNorm),
            ...lower,
          } as LayerWeights & P)
        : undefined,
    };
  });
}

/** The part of a linear layer's or a norm's gradient that is of its parameters. */
export function pair({ weight, bias }: { weight?: tf.Tensor; bias?: tf.Tensor }): Partial<Pair> {
  return { weight, bias };
}
