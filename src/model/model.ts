import * as tf from '@tensorflow/tfjs-core';
import type { Config } from '../config/schema.js';
import { outputsOf } from '../data/labels.js';
import type { MaskSource } from '../ops/dropout.js';
import { tidy } from '../ops/tidy.js';
import { encode, encoderGradient, lowestTrainable, type EncodeOptions } from './encoders/encode.js';
import type { EncoderConfig, EncoderDropout, EncoderInput } from './encoders/family.js';
import { familyOf } from './encoders/registry.js';
import type { Head } from './heads/head.js';
import { headOf } from './heads/registry.js';
import { layerMixOf, type LayerMix } from './layerMix.js';
import type { Gradients, ParameterSpec, Trainable, Weights } from './part.js';
import { trunkOf } from './trunk/registry.js';
import type { Trunk } from './trunk/trunk.js';

/** A model that finds spans: an encoder, a trunk on it, and a head. It holds no values: those are `Weights`. */
export interface Model {
  encoder: EncoderConfig;
  /** What makes the trunk's input of the outputs of all layers; without it that is the last one's. */
  mix?: LayerMix;
  trunk: Trunk;
  head: Head;
  /** Every parameter, the encoder's first. */
  parameters: ParameterSpec[];
}

export interface ModelDropout extends EncoderDropout {
  /** Before and after the trunk. */
  trunk: number;
}

/** A batch on the engine. n = batch*seq. */
export interface DeviceBatch extends EncoderInput {
  real: tf.Tensor; // [n, 1]
  /** Real pieces and windows that the loss is averaged over. */
  pieces: number | tf.Tensor; // []
  windows: number | tf.Tensor; // []
  /** As the head has them. */
  targets: tf.Tensor[];
  /** What labels count in the loss, where it is not 1. */
  labelWeights?: Readonly<Record<string, number>>;
}

/** The model of a config on an encoder. */
export function assemble(
  encoder: EncoderConfig,
  tasks: Record<string, { labels: readonly string[] }>,
  settings: Config['model'],
): Model {
  const mix = settings.layerMix ? layerMixOf(encoder.layers) : undefined;
  const trunk = trunkOf(settings, encoder.hidden);
  const head = headOf(settings, outputsOf(tasks, settings.scheme, settings.outputs), trunk.width);
  const above = [...(mix?.parameters ?? []), ...trunk.parameters, ...head.parameters];
  return { encoder, mix, trunk, head, parameters: [...familyOf(encoder).parameters(encoder), ...above] };
}

/** What the head finds in a batch, on the device. Without dropout. `from`: what a lower layer has put out already. */
export function predict(
  model: Model,
  weights: Weights,
  input: EncoderInput,
  from?: EncodeOptions['from'],
): tf.Tensor[] {
  return tidy(() => {
    const { output } = encoded(model, weights, input, { from });
    return predictFrom(model, weights, output, input);
  });
}

/** What the trunk reads of the encoder [batch*seq, hidden], and what the backward pass needs. */
function encoded({ encoder, mix }: Model, weights: Weights, input: EncoderInput, options?: EncodeOptions) {
  const passed = encode(encoder, weights, input, { ...options, outputsOf: mix?.layers });
  return mix ? { ...passed, output: mix.forward(passed.outputs, weights) } : passed;
}

/** The same from the encoder's output [batch*seq, hidden], as a cache of a frozen encoder has it. */
export function predictFrom(
  { trunk, head }: Model,
  weights: Weights,
  hidden: tf.Tensor,
  input: Omit<EncoderInput, 'rows'>,
): tf.Tensor[] {
  return tidy(() => {
    const { output: features } = trunk.forward(hidden, input, weights, { dropout: 0 });
    return head.predict({ ...input, features }, weights);
  });
}

export interface LossAndGradients {
  loss: tf.Tensor; // []
  gradients: Gradients;
  /** By output: true positives, false positives, false negatives [3, …]. */
  counts: tf.Tensor[];
}

/**
 * Loss of a batch and its gradient for every trainable parameter: one forward and one backward pass, layer
 * by layer, so that a layer's activations are freed as soon as its gradients are there. `hidden`, where
 * given, stands for the output of a frozen encoder. No masks: no dropout.
 */
export function lossAndGradients(
  model: Model,
  weights: Weights,
  batch: DeviceBatch,
  options: { trainable: Trainable; dropout: ModelDropout; masks?: MaskSource; hidden?: tf.Tensor },
): LossAndGradients {
  const { encoder, mix, trunk, head } = model;
  const { trainable, dropout, masks } = options;
  const frozen = lowestTrainable(trainable) === Infinity;
  const training = { trainable, dropout, masks };
  const passed = options.hidden
    ? { output: tf.clone(options.hidden), outputs: [], saved: { layers: [] } }
    : encoded(model, weights, batch, frozen ? {} : { training });
  const trunkOptions = { dropout: dropout.trunk, masks };
  const middle = trunk.forward(passed.output, batch, weights, trunkOptions);
  const top = head.step({ ...batch, features: middle.output }, weights);
  const above = trunk.gradient(top.features, middle.saved, batch, weights, {
    input: !frozen || mix !== undefined,
  });
  tf.dispose([passed.output, middle, top.features] as unknown as tf.TensorContainer);
  const { loss, counts } = top;
  const gradients: Gradients = new Map([...top.gradients, ...above.gradients]);
  if (!above.input) return { loss, counts, gradients };

  const mixed = mix?.gradient(above.input, passed.outputs, weights, { input: !frozen });
  if (mixed) for (const { name } of mix!.parameters) gradients.set(name, mixed.weight);
  const dys = mix ? (mixed!.outputs ?? []) : [above.input];
  const below = frozen
    ? []
    : encoderGradient(dys, passed.saved, encoder, weights, batch, { trainable, dropout });
  tf.dispose([above.input, passed.outputs, dys]);
  return { loss, counts, gradients: new Map([...below, ...gradients]) };
}
