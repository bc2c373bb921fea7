import * as tf from '@tensorflow/tfjs-core';
import { product } from '../ops/product.js';
import { tidy } from '../ops/tidy.js';
import { lengthColumn, pieceMask } from './encoders/padding.js';
import { encode } from './encoders/encode.js';
import type { EncoderConfig, EncoderInput } from './encoders/family.js';
import type { Weights } from './part.js';
import type { DenseActivation, DenseLayer } from './weights/dense.js';
import type { PoolingMode, SentenceEncoderConfig } from './weights/sentenceTransformers.js';

const activations: Record<DenseActivation, (x: tf.Tensor) => tf.Tensor> = {
  identity: (x) => tf.clone(x),
  tanh: tf.tanh,
  relu: tf.relu,
  sigmoid: tf.sigmoid,
};

/** Added to the states of padding, so that none of them is a maximum. */
const PADDED = -1e9;
/** PyTorch's, of a vector's norm. */
const SMALLEST_NORM = 1e-12;

/** Length of the vectors. */
export function sentenceDimension({ encoder, layers }: SentenceEncoderConfig): number {
  return layers.reduce((width, layer) => (layer.kind === 'dense' ? layer.out : width), encoder.hidden);
}

/** The vector of each sentence: encoder, pooling, then the layers in turn → [batch, dimension]. */
export function encodeSentences(
  config: SentenceEncoderConfig,
  weights: Weights,
  input: EncoderInput,
): tf.Tensor {
  return tidy(() => {
    let x = pool(encode(config.encoder, weights, input).output, input, config.pooling); // [batch, hidden]
    for (const layer of config.layers) x = layer.kind === 'dense' ? dense(x, layer, weights) : unitLength(x);
    return x;
  });
}

/**
 * The mean over all pieces, [CLS] and [SEP] too, and over some of the encoder's layers (0: the embeddings)
 * → [batch, hidden]. Layers 1 and the last are the "first-last average" of Li et al. 2020 and Gao et al.
 * 2021, who also keep the special pieces; with them a sentence without pieces has a vector as well.
 * @param layers those above the highest are not computed, and their weights are not asked for
 */
export function meanOfLayers(
  config: EncoderConfig,
  weights: Weights,
  input: EncoderInput,
  layers: readonly number[],
): tf.Tensor {
  return tidy(() => {
    const { outputs } = encode(config, weights, input, { until: Math.max(...layers), outputsOf: layers });
    const means = outputs.map((hidden) => pool(hidden, input, 'mean'));
    return tf.div(tf.addN(means), means.length);
  });
}

/** States [batch*seq, hidden] → [batch, hidden]; padding does not count. */
export function pool(states: tf.Tensor, input: EncoderInput, mode: PoolingMode): tf.Tensor {
  return tidy(() => {
    const { batch, seq } = input;
    const hidden = states.shape[1]!;
    const rows = tf.reshape(states, [batch, seq, hidden]);
    if (mode === 'cls') return tf.reshape(tf.slice(rows, [0, 0, 0], [batch, 1, hidden]), [batch, hidden]);
    if (mode === 'max') {
      const padding = tf.mul(tf.sub(1, pieceMask(input)), PADDED);
      return tf.max(tf.add(rows, tf.reshape(padding, [batch, seq, 1])), 1);
    }
    const shares = tf.reshape(tf.div(pieceMask(input), lengthColumn(input)), [batch, 1, seq]);
    return tf.reshape(tf.matMul(shares, rows), [batch, hidden]);
  });
}

function dense(x: tf.Tensor, { name, bias, activation }: DenseLayer, weights: Weights): tf.Tensor {
  const y = product(x, weights(`${name}.weight`), false, true); // [batch, out]
  return activations[activation](bias ? tf.add(y, weights(`${name}.bias`)) : y);
}

function unitLength(x: tf.Tensor): tf.Tensor {
  const norm = tf.sqrt(tf.sum(tf.square(x), 1, true)); // [batch, 1]
  return tf.div(x, tf.maximum(norm, SMALLEST_NORM));
}
