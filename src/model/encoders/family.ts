import type * as tf from '@tensorflow/tfjs-core';
import { z } from 'zod';
import type { MaskSource } from '../../ops/dropout.js';
import type { Gradients, ParameterSpec, Weights } from '../part.js';

/** What an encoder looks like, by the names of the field, whatever its config file calls them. */
export interface EncoderConfig {
  /** Hugging Face's model_type. */
  type: string;
  hidden: number;
  layers: number;
  attentionHeads: number;
  intermediate: number;
  /** Rows of the word table; a vocabulary may have fewer. */
  vocabularySize: number;
  /** Pieces of the longest sequence. */
  positions: number;
  layerNormEpsilon: number;
  activation: Activation;
}

export const activationSchema = z.enum(['gelu', 'gelu_new', 'gelu_pytorch_tanh', 'relu']);
/** gelu is the exact one (erf); gelu_new and gelu_pytorch_tanh are its tanh approximation. */
export type Activation = z.output<typeof activationSchema>;

export interface EncoderInput {
  /** [batch*seq]: rows of the word table that the weights hold. */
  rows: tf.Tensor1D;
  /** [batch]: pieces of each window with those before and after it; the rest is padding. A step's input is a tensor. */
  lengths: Int32Array | tf.Tensor;
  batch: number;
  seq: number;
}

export interface EncoderDropout {
  dropout: number;
  attentionDropout: number;
}

/** What every block of a pass through the encoder sees. No masks: no dropout. */
export interface Pass<C extends EncoderConfig = EncoderConfig> {
  config: C;
  weights: Weights;
  input: EncoderInput;
  dropout: EncoderDropout;
  masks?: MaskSource;
  /** In the last layer: the only rows of its output that are computed, in this order; all where left out. Not with gradients. */
  asked?: tf.Tensor1D;
}

/** Gradients that a layer is asked for. */
export interface WantedOfLayer {
  input: boolean;
  weights: boolean;
  /** Of what all layers share, where the embeddings are trained. */
  shared: boolean;
}

export interface LayerGradient {
  input?: tf.Tensor; // [n, hidden]
  /** Of what all layers share: summed over the layers. */
  shared?: tf.Tensor;
  /** Of the layer's own parameters. */
  gradients: Gradients;
}

/**
 * A family of encoders: how its files read, its parameters, and how it computes. Nothing outside its file or folder asks
 * which family an encoder is of. n = batch*seq; `Shared` is what all layers see (masks, tables of positions), the
 * other types are what the backward pass needs of the forward one.
 */
export interface Family<
  C extends EncoderConfig = EncoderConfig,
  Shared = unknown,
  SavedEmbedding = unknown,
  SavedLayer = unknown,
> {
  /** Values of model_type that are read. */
  types: readonly string[];
  /** What the names of its parameters begin with in its own files, without the dot. */
  prefix: string;
  /** Its config.json, model_type included. */
  schema: z.ZodType<C>;
  /** What is wrong with a config that the schema takes, as the rest of a sentence. */
  problem?(config: C): string | undefined;
  /** Its config.json as Python's transformers reads it. */
  format(config: C): Record<string, unknown>;
  /** What tells configs apart in the names of caches; the config itself where left out. */
  identity?(config: C): object;

  /** Every parameter that an encoder of this config must have, in the order in which they are drawn and saved. */
  parameters(config: C): ParameterSpec[];
  /** Shapes of parameters that a file may or may not have. */
  optional(config: C): Map<string, number[]>;
  /** What the names of a layer's parameters begin with, dot included. */
  layerPrefix(layer: number): string;
  /** Today's name of a tensor that older files call otherwise. */
  rename?(name: string): string;
  /** Of a variable of its authors' TensorFlow checkpoints; undefined for what is no parameter. */
  checkpointName?(variable: string): string | undefined;
  /** The config of some of the layers. @throws UsageError where these cannot stand alone */
  select?(config: C, layers: number[]): C;
  maskedLm(config: C): MaskedLmHead;

  shared(pass: Pass<C>): Shared;
  /** rows → [n, hidden] */
  embed(pass: Pass<C>, shared: Shared): { output: tf.Tensor; saved: SavedEmbedding };
  embedGradient(dy: tf.Tensor, saved: SavedEmbedding, pass: Pass<C>, shared: Shared): Gradients;
  /** x [n, hidden] → [n or asked, hidden]; keeps what the backward pass needs only where `save` is set. */
  layer(
    x: tf.Tensor,
    layer: number,
    pass: Pass<C>,
    shared: Shared,
    save: boolean,
  ): { output: tf.Tensor; saved?: SavedLayer };
  layerGradient(
    dy: tf.Tensor,
    saved: SavedLayer,
    layer: number,
    pass: Pass<C>,
    shared: Shared,
    wanted: WantedOfLayer,
  ): LayerGradient;
  /** Gradients of the parameters behind what all layers share, for the sum of the layers' own. */
  sharedGradient?(d: tf.Tensor, pass: Pass<C>, shared: Shared): Gradients;
}

/** The masked-LM head: dense, activation, norm, then the word table as decoder with a bias. Names of parameters. */
export interface MaskedLmHead {
  dense: { weight: string; bias?: string };
  norm: { weight: string; bias?: string };
  bias: string;
  activation: Activation;
  parameters: ParameterSpec[];
}
