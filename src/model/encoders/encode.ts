import * as tf from '@tensorflow/tfjs-core';
import type { MaskSource } from '../../ops/dropout.js';
import { tidy } from '../../ops/tidy.js';
import type { Gradients, Trainable, Weights } from '../part.js';
import type { EncoderConfig, EncoderDropout, EncoderInput, Pass } from './family.js';
import { familyOf } from './registry.js';

export interface EncoderSaved {
  /** What all layers saw. */
  shared?: unknown;
  embeddings?: unknown;
  /** By layer; those below the lowest trainable part kept nothing. */
  layers: unknown[];
}

export interface EncodeOptions {
  /** Leave it out for prediction: nothing is kept then. No masks: no dropout. */
  training?: { trainable: Trainable; dropout: EncoderDropout; masks?: MaskSource };
  /** Begin with what a layer has put out [batch*seq, hidden], in place of the embeddings: 1 the first layer. */
  from?: { layer: number; hidden: tf.Tensor };
  /** The last layer that is computed; all are where left out. */
  until?: number;
  /** Also return what these layers put out: 0 the embeddings, 1 the first layer. */
  outputsOf?: readonly number[];
  /** Rows of the last layer's output [asked]: it computes no others. Not while training. */
  asked?: tf.Tensor1D;
}

const NO_DROPOUT: EncoderDropout = { dropout: 0, attentionDropout: 0 };

/** Runs an encoder → [batch*seq or asked, hidden], those of the layers asked for in ascending order, and what the backward pass needs. */
export function encode(
  config: EncoderConfig,
  weights: Weights,
  input: EncoderInput,
  { training, from, until = config.layers, outputsOf = [], asked }: EncodeOptions = {},
): { output: tf.Tensor; outputs: tf.Tensor[]; saved: EncoderSaved } {
  return tidy(() => {
    const family = familyOf(config);
    const { dropout = NO_DROPOUT, masks } = training ?? {};
    const pass: Pass = { config, weights, input, dropout, masks };
    const lowest = training ? lowestTrainable(training.trainable) : Infinity;
    const shared = family.shared(pass);
    const embedded = from ? { output: tf.clone(from.hidden), saved: undefined } : family.embed(pass, shared);
    const saved: EncoderSaved = { layers: [] };
    if (lowest < Infinity) saved.shared = shared;
    if (lowest === 0) saved.embeddings = embedded.saved;
    const outputs: tf.Tensor[] = [];
    const isWanted = (layer: number) => outputsOf.includes(layer);
    let hidden = embedded.output; // [batch*seq, hidden]
    if (isWanted(0)) outputs.push(hidden);
    for (let layer = from?.layer ?? 0; layer < until; layer++) {
      const own = layer + 1 === until ? { ...pass, asked } : pass;
      const next = family.layer(hidden, layer, own, shared, layer + 1 >= lowest);
      if (!isWanted(layer)) hidden.dispose();
      hidden = next.output;
      if (isWanted(layer + 1)) outputs.push(hidden);
      saved.layers.push(next.saved);
    }
    return { output: hidden, outputs, saved };
  });
}

/**
 * Gradients of the trainable parameters of `encode`, where `dys` are those of the outputs of its last layers
 * [batch*seq, hidden], the last layer's last. Frees `saved` as it goes.
 */
export function encoderGradient(
  dys: readonly tf.Tensor[],
  saved: EncoderSaved,
  config: EncoderConfig,
  weights: Weights,
  input: EncoderInput,
  { trainable, dropout }: { trainable: Trainable; dropout: EncoderDropout },
): Gradients {
  const family = familyOf(config);
  const pass: Pass = { config, weights, input, dropout };
  const lowest = lowestTrainable(trainable);
  const gradients: Gradients = new Map();
  const { shared } = saved;
  let dShared: tf.Tensor | undefined;
  const dyOf = (layer: number) => dys[dys.length - config.layers + layer];
  let d = tf.clone(dys.at(-1)!); // [batch*seq, hidden]
  for (let layer = config.layers - 1; layer + 1 >= lowest && layer >= 0; layer--) {
    const wanted = {
      input: layer >= lowest,
      weights: trainable.layers[layer]!,
      shared: trainable.embeddings,
    };
    const gradient = family.layerGradient(d, saved.layers[layer], layer, pass, shared, wanted);
    tf.dispose([d, saved.layers[layer]] as tf.TensorContainer);
    saved.layers[layer] = undefined;
    for (const [name, one] of gradient.gradients) gradients.set(name, one);
    dShared = added(dShared, gradient.shared);
    if (!gradient.input) {
      tf.dispose(shared as tf.TensorContainer);
      return gradients;
    }
    const own = layer > 0 ? dyOf(layer - 1) : undefined;
    d = added(gradient.input, own && tf.clone(own))!;
  }
  if (saved.embeddings) {
    for (const [name, one] of family.embedGradient(d, saved.embeddings, pass, shared))
      gradients.set(name, one);
    if (dShared)
      for (const [name, one] of family.sharedGradient!(dShared, pass, shared)) gradients.set(name, one);
  }
  tf.dispose([d, dShared, shared, saved.embeddings] as tf.TensorContainer);
  return gradients;
}

/** 0: the embeddings; 1 …: the first trainable layer; Infinity: all is frozen. */
export function lowestTrainable({ embeddings, layers }: Trainable): number {
  if (embeddings) return 0;
  const first = layers.indexOf(true);
  return first < 0 ? Infinity : first + 1;
}

/** The sum, in place of both. */
function added(sum: tf.Tensor | undefined, more: tf.Tensor | undefined): tf.Tensor | undefined {
  if (!sum || !more) return sum ?? more;
  const next = tf.add(sum, more);
  tf.dispose([sum, more]);
  return next;
}
