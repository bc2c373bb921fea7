import * as tf from '@tensorflow/tfjs-core';
import { activationWithDerivative } from '../ops/activation.js';
import type { MaskSource } from '../ops/dropout.js';
import { embedding, embeddingGradient } from '../ops/embedding.js';
import { layerNorm, layerNormGradient } from '../ops/layerNorm.js';
import { linear, linearGradient, sumRows } from '../ops/linear.js';
import { product } from '../ops/product.js';
import { tidy } from '../ops/tidy.js';
import { encode, encoderGradient } from './encoders/encode.js';
import type { EncoderConfig, EncoderDropout, EncoderInput } from './encoders/family.js';
import { pieceMask } from './encoders/padding.js';
import { familyOf } from './encoders/registry.js';
import { transform } from './maskedLm.js';
import { wordTable, type Gradients, type Trainable, type Weights } from './part.js';

/** A batch with pieces that are to be guessed, on the engine. Ids are rows of the word table that is held. */
export interface MaskedInput extends EncoderInput {
  positions: tf.Tensor1D; // [masked]: row of the batch * seq + column
  labels: tf.Tensor1D; // [masked]: what stood there
  weights: tf.Tensor; // [masked, 1]: 1, or 0 for those that only fill up
  /** How many count, at least 1. */
  masked: tf.Tensor; // []
}

export interface MaskedLmOptions {
  trainable: Trainable;
  dropout: EncoderDropout;
  masks?: MaskSource;
  /** Outputs [batch*seq, hidden] that the encoder's are drawn to, and how much their squared distance counts. */
  teacher?: { hidden: tf.Tensor; weight: number };
}

export interface MaskedLmStep {
  /** Mean cross-entropy of the pieces that are to be guessed, among those that are held. */
  loss: tf.Tensor; // []
  /** Mean squared distance from the teacher's outputs, of a number; 0 without one. */
  distance: tf.Tensor; // []
  /** Of the loss and the weighted distance together. */
  gradients: Gradients;
}

/** The cross-entropy alone, without dropout → []. */
export function maskedLmLoss(config: EncoderConfig, weights: Weights, input: MaskedInput): tf.Tensor {
  return tidy(() => {
    const { output } = encode(config, weights, input, { asked: input.positions }); // [masked, hidden]
    return guess(transform(config, weights, output), config, weights, input).loss;
  });
}

/** The loss of a masked language model, and its gradients by the parameter's name. */
export function maskedLmLossAndGradients(
  config: EncoderConfig,
  weights: Weights,
  input: MaskedInput,
  { trainable, dropout, masks, teacher }: MaskedLmOptions,
): MaskedLmStep {
  const encoded = encode(config, weights, input, { training: { trainable, dropout, masks } });
  const { loss, distance, dOutput, own } = tidy(() => {
    const head = headStep(encoded.output, config, weights, input, trainable.embeddings);
    const away = teacher ? distanceFrom(teacher, encoded.output, input) : undefined;
    return {
      loss: head.loss,
      distance: away?.distance ?? tf.scalar(0),
      dOutput: away ? tf.add(head.dOutput, away.dOutput) : head.dOutput,
      own: head.gradients,
    };
  });
  encoded.output.dispose();
  const below = encoderGradient([dOutput], encoded.saved, config, weights, input, { trainable, dropout });
  dOutput.dispose();
  const gradients: Gradients = new Map(below);
  for (const [name, gradient] of own) {
    const other = gradients.get(name); // the word table has a part in both
    gradients.set(name, other ? tf.add(other, gradient) : gradient);
    if (other) tf.dispose([other, gradient]);
  }
  return { loss, distance, gradients };
}

/** From the encoder's output up and down again; `table`: whether the word table is trained. */
function headStep(
  output: tf.Tensor,
  config: EncoderConfig,
  weights: Weights,
  input: MaskedInput,
  table: boolean,
): { loss: tf.Tensor; dOutput: tf.Tensor; gradients: [name: string, gradient: tf.Tensor][] } {
  const family = familyOf(config);
  const { dense, norm, bias, activation: name } = family.maskedLm(config);
  const words = wordTable(family.parameters(config)).name;
  const chosen = embedding(output, input.positions); // [masked, hidden]
  const active = activationWithDerivative(
    linear(chosen, weights(dense.weight), of(weights, dense.bias)),
    name,
  );
  const normed = layerNorm(
    active.value,
    weights(norm.weight),
    of(weights, norm.bias),
    config.layerNormEpsilon,
  );
  const { loss, dLogits } = guess(normed.value, config, weights, input);
  const dNormed = product(dLogits, weights(words)); // [masked, hidden]
  const ofNorm = layerNormGradient(dNormed, normed, weights(norm.weight), {
    weights: true,
    bias: norm.bias !== undefined,
  });
  const ofDense = linearGradient(tf.mul(ofNorm.input, active.derivative), chosen, weights(dense.weight), {
    input: true,
    weights: true,
    bias: dense.bias !== undefined,
  });
  const gradients: [string | undefined, tf.Tensor | undefined][] = [
    [dense.weight, ofDense.weight],
    [dense.bias, ofDense.bias],
    [norm.weight, ofNorm.weight],
    [norm.bias, ofNorm.bias],
    [bias, sumRows(dLogits)],
    [words, table ? product(dLogits, normed.value, true, false) : undefined], // [held, hidden]
  ];
  return {
    loss,
    dOutput: embeddingGradient(ofDense.input!, input.positions, output.shape[0]!),
    gradients: gradients.filter(
      (one): one is [string, tf.Tensor] => one[0] !== undefined && one[1] !== undefined,
    ),
  };
}

/** Cross-entropy of the pieces that stood there, and its gradient for the logits [masked, held]. */
function guess(
  transformed: tf.Tensor,
  config: EncoderConfig,
  weights: Weights,
  { labels, weights: counts, masked }: MaskedInput,
): { loss: tf.Tensor; dLogits: tf.Tensor } {
  const family = familyOf(config);
  const table = weights(wordTable(family.parameters(config)).name); // [held, hidden]
  return tidy(() => {
    const bias = weights(family.maskedLm(config).bias);
    const logits = tf.add(product(transformed, table, false, true), bias); // [masked, held]
    const right = tf.cast(tf.oneHot(labels, table.shape[0]!), 'float32'); // [masked, held]
    const all = tf.logSumExp(logits, 1, true); // [masked, 1]
    const each = tf.sub(all, tf.sum(tf.mul(logits, right), 1, true)); // [masked, 1]
    const share = tf.div(counts, masked); // [masked, 1]
    const dLogits = tf.mul(tf.sub(tf.exp(tf.sub(logits, all)), right), share);
    return { loss: tf.sum(tf.mul(each, share)), dLogits };
  });
}

/** Of the pieces that are no padding. */
function distanceFrom(
  { hidden, weight }: { hidden: tf.Tensor; weight: number },
  output: tf.Tensor,
  input: EncoderInput,
): { distance: tf.Tensor; dOutput: tf.Tensor } {
  const real = tf.reshape(pieceMask(input), [-1, 1]); // [n, 1]
  const numbers = tf.mul(tf.sum(real), output.shape[1]!); // []
  const apart = tf.mul(tf.sub(output, hidden), real); // [n, hidden]
  return {
    distance: tf.div(tf.sum(tf.square(apart)), numbers),
    dOutput: tf.div(tf.mul(apart, 2 * weight), numbers),
  };
}

const of = (weights: Weights, name: string | undefined) => (name === undefined ? undefined : weights(name));
