import * as tf from '@tensorflow/tfjs-core';
import { staysInBfloat16 } from '../../ops/bfloat16.js';
import type { MaskSource } from '../../ops/dropout.js';
import { tidy } from '../../ops/tidy.js';
import type { EncoderConfig } from '../weights/config.js';
import { LAYER_PARTS, embeddingName, layerName } from '../weights/names.js';
import {
  embedPieces,
  embedPiecesGradient,
  type EmbeddingSaved,
  type EmbeddingWeights,
} from './embeddings.js';
import {
  encoderLayer,
  encoderLayerGradient,
  type LayerOptions,
  type LayerSaved,
  type LayerWeights,
} from './layer.js';
import { encoderLayer16 } from './layer16.js';

/** The value of a parameter by its Hugging Face name. */
export type Weights = (name: string) => tf.Tensor;
export type Gradients = Map<string, tf.Tensor>;

/** Which parts of the encoder get gradients. */
export interface Trainable {
  embeddings: boolean;
  layers: boolean[];
}

export interface EncoderInput {
  /** [batch*seq]: rows of the word table that `weights` holds. */
  rows: tf.Tensor1D;
  /** [batch]: pieces of each window, [CLS] and [SEP] included; the rest is padding. */
  lengths: Int32Array;
  batch: number;
  seq: number;
}

export interface EncoderDropout {
  dropout: number;
  attentionDropout: number;
}

export interface EncoderSaved {
  embeddings?: EmbeddingSaved;
  /** By layer; those below the lowest trainable part kept nothing. */
  layers: (LayerSaved | undefined)[];
}

/** Added to the attention scores of padding: its weight underflows to 0. */
const PADDED = -1e9;

/**
 * Runs DistilBERT or BERT → [batch*seq, hidden] and what the backward pass needs: for prediction leave
 * `trainable` and `masks` out, and nothing is kept. `visit` sees the output of the embeddings (layer 0)
 * and of every layer (1 …).
 */
export function encode(
  config: EncoderConfig,
  weights: Weights,
  input: EncoderInput,
  training?: { trainable: Trainable; dropout: EncoderDropout; masks?: MaskSource },
  visit?: (layer: number, hidden: tf.Tensor) => void,
): { output: tf.Tensor; saved: EncoderSaved } {
  return tidy(() => {
    const options = layerOptions(config, input, training?.dropout);
    const lowest = training ? lowestTrainable(training.trainable) : Infinity;
    const embedded = embedPieces(
      input.rows,
      input,
      embeddingWeights(config, weights),
      options,
      training?.masks,
    );
    visit?.(0, embedded.output);
    const bias = paddingBias(input);
    const saved: EncoderSaved = { layers: [], ...(lowest === 0 && { embeddings: embedded.saved }) };
    let hidden = embedded.output; // [batch*seq, hidden]
    for (let layer = 0; layer < config.layers; layer++) {
      const save = layer + 1 >= lowest;
      const given = [hidden, bias, layerWeights(config, weights, layer), options, training?.masks] as const;
      const next: ReturnType<typeof encoderLayer> =
        !save && staysInBfloat16() ? { output: encoderLayer16(...given) } : encoderLayer(...given, save);
      hidden.dispose();
      hidden = next.output;
      saved.layers.push(next.saved);
      visit?.(layer + 1, hidden);
    }
    return { output: hidden, saved };
  });
}

/** Gradients of the trainable parameters of `encode` for dy [batch*seq, hidden]. Frees `saved` as it goes. */
export function encoderGradient(
  dy: tf.Tensor,
  saved: EncoderSaved,
  config: EncoderConfig,
  weights: Weights,
  input: EncoderInput,
  { trainable, dropout }: { trainable: Trainable; dropout: EncoderDropout },
): Gradients {
  const options = layerOptions(config, input, dropout);
  const lowest = lowestTrainable(trainable);
  const gradients: Gradients = new Map();
  let d = tf.clone(dy); // [batch*seq, hidden]
  for (let layer = config.layers - 1; layer + 1 >= lowest && layer >= 0; layer--) {
    const wanted = { input: layer >= lowest, weights: trainable.layers[layer]! };
    const gradient = encoderLayerGradient(
      d,
      saved.layers[layer]!,
      layerWeights(config, weights, layer),
      options,
      wanted,
    );
    tf.dispose([d, saved.layers[layer]] as tf.TensorContainer);
    saved.layers[layer] = undefined;
    if (gradient.weights)
      for (const part of LAYER_PARTS) {
        gradients.set(`${layerName(config.type, layer, part)}.weight`, gradient.weights[part].weight);
        gradients.set(`${layerName(config.type, layer, part)}.bias`, gradient.weights[part].bias);
      }
    if (!gradient.input) return gradients;
    d = gradient.input;
  }
  if (saved.embeddings) {
    const { type } = config;
    const g = embedPiecesGradient(d, saved.embeddings, input, embeddingWeights(config, weights));
    gradients.set(embeddingName(type, 'word_embeddings.weight'), g.words);
    gradients.set(embeddingName(type, 'position_embeddings.weight'), g.positions);
    if (g.types) gradients.set(embeddingName(type, 'token_type_embeddings.weight'), g.types);
    gradients.set(embeddingName(type, 'LayerNorm.weight'), g.norm.weight);
    gradients.set(embeddingName(type, 'LayerNorm.bias'), g.norm.bias);
    tf.dispose(saved.embeddings as unknown as tf.TensorContainer);
  }
  d.dispose();
  return gradients;
}

/** 0: the embeddings; 1 …: the first trainable layer; Infinity: all is frozen. */
export function lowestTrainable({ embeddings, layers }: Trainable): number {
  if (embeddings) return 0;
  const first = layers.indexOf(true);
  return first < 0 ? Infinity : first + 1;
}

function layerOptions(config: EncoderConfig, input: EncoderInput, dropout?: EncoderDropout): LayerOptions {
  return {
    shape: { batch: input.batch, seq: input.seq, heads: config.heads },
    epsilon: config.layerNormEpsilon,
    activation: config.activation,
    dropout: dropout?.dropout ?? 0,
    attentionDropout: dropout?.attentionDropout ?? 0,
    dropoutAfterAttention: config.type === 'bert',
  };
}

/** [batch, 1, 1, seq]: 0 for pieces, very negative for padding. */
function paddingBias({ lengths, batch, seq }: EncoderInput): tf.Tensor {
  const bias = new Float32Array(batch * seq);
  for (let row = 0; row < batch; row++) bias.fill(PADDED, row * seq + lengths[row]!, (row + 1) * seq);
  return tf.tensor4d(bias, [batch, 1, 1, seq]);
}

function layerWeights({ type }: EncoderConfig, weights: Weights, layer: number): LayerWeights {
  const pairs = LAYER_PARTS.map((part) => {
    const name = layerName(type, layer, part);
    return [part, { weight: weights(`${name}.weight`), bias: weights(`${name}.bias`) }];
  });
  return Object.fromEntries(pairs) as LayerWeights;
}

function embeddingWeights({ type }: EncoderConfig, weights: Weights): EmbeddingWeights {
  return {
    words: weights(embeddingName(type, 'word_embeddings.weight')),
    positions: weights(embeddingName(type, 'position_embeddings.weight')),
    ...(type === 'bert' && { types: weights(embeddingName(type, 'token_type_embeddings.weight')) }),
    norm: {
      weight: weights(embeddingName(type, 'LayerNorm.weight')),
      bias: weights(embeddingName(type, 'LayerNorm.bias')),
    },
  };
}
