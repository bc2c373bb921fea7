import * as tf from '@tensorflow/tfjs-core';
import { product } from '../ops/product.js';
import { tidy } from '../ops/tidy.js';
import type { MaskSource } from '../ops/dropout.js';
import { encode, encoderGradient } from './encoders/encode.js';
import { lengthColumn, pieceMask } from './encoders/padding.js';
import type { EncoderConfig, EncoderDropout, EncoderInput } from './encoders/family.js';
import type { Gradients, Trainable, Weights } from './part.js';

/** Added to the scores of pairs that mean the same: they are no negatives. */
const NO_NEGATIVE = -1e4;
const SMALLEST_NORM = 1e-12;

/** Sentences of which row i and row i + n mean the same, [2n] in all. */
export interface PairedInput extends EncoderInput {
  /** [n, n], row by row: 1 where the first of pair i means the same as the second of another pair j. */
  alike: Float32Array | tf.Tensor;
}

export interface ContrastiveOptions {
  temperature: number;
  trainable: Trainable;
  dropout: EncoderDropout;
  masks?: MaskSource;
}

/**
 * Loss of a batch of pairs under an encoder, mean-pooled and brought to length 1, and its gradients: the
 * first of each pair is to be nearest to its second among those of all pairs, and the other way round.
 */
export function pairLossAndGradients(
  config: EncoderConfig,
  weights: Weights,
  input: PairedInput,
  { temperature, trainable, dropout, masks }: ContrastiveOptions,
): { loss: tf.Tensor; gradients: Gradients } {
  const pairs = input.batch / 2;
  const encoded = encode(config, weights, input, {
    training: { trainable, dropout, masks },
  });
  const { loss, dOutput } = tidy(() => {
    const { vectors, norms, shares } = sentenceVectors(encoded.output, input);
    const [first, second] = tf.split(vectors, 2, 0);
    const alike = tf.reshape(input.alike, [pairs, pairs]);
    const contrast = contrastiveLoss(first!, second!, alike, temperature);
    const dVectors = tf.concat([contrast.first, contrast.second], 0); // [2n, hidden]
    return { loss: contrast.loss, dOutput: sentenceVectorsGradient(dVectors, vectors, norms, shares) };
  });
  encoded.output.dispose();
  const gradients = encoderGradient([dOutput], encoded.saved, config, weights, input, { trainable, dropout });
  dOutput.dispose();
  return { loss, gradients };
}

/**
 * In-batch negatives (van den Oord et al. 2018, eq. 4; both directions as Radford et al. 2021): the mean
 * cross-entropy of cosine / temperature over the rows and the columns. first, second: [n, hidden], of length
 * 1; alike [n, n]: 1 for what is no negative. Returns the gradients of both beside it.
 */
export function contrastiveLoss(
  first: tf.Tensor,
  second: tf.Tensor,
  alike: tf.Tensor,
  temperature: number,
): { loss: tf.Tensor; first: tf.Tensor; second: tf.Tensor } {
  return tidy(() => {
    const n = first.shape[0]!;
    const cosines = tf.matMul(first as tf.Tensor2D, second as tf.Tensor2D, false, true);
    const scores = tf.add(tf.div(cosines, temperature), tf.mul(alike, NO_NEGATIVE)); // [n, n]
    const own = tf.eye(n);
    const right = tf.sum(tf.mul(scores, own)); // []
    const rows = tf.logSumExp(scores, 1, true); // [n, 1]
    const columns = tf.logSumExp(scores, 0, true); // [1, n]
    const loss = tf.div(tf.sub(tf.add(tf.sum(rows), tf.sum(columns)), tf.mul(right, 2)), 2 * n);
    const byRow = tf.exp(tf.sub(scores, rows)); // [n, n], sums to 1 in each row
    const byColumn = tf.exp(tf.sub(scores, columns));
    const d = tf.div(tf.sub(tf.add(byRow, byColumn), tf.mul(own, 2)), 2 * n * temperature);
    return { loss, first: product(d, second), second: product(d, first, true, false) };
  });
}

/** Mean over the pieces, [CLS] and [SEP] too, brought to length 1: output [batch*seq, hidden] → [batch, hidden]. */
function sentenceVectors(output: tf.Tensor, input: EncoderInput) {
  const hidden = output.shape[1]!;
  const { batch, seq } = input;
  const shares = tf.reshape(tf.div(pieceMask(input), lengthColumn(input)), [batch, 1, seq]);
  const means = tf.reshape(tf.matMul(shares, tf.reshape(output, [batch, seq, hidden])), [batch, hidden]);
  const norms = tf.maximum(tf.sqrt(tf.sum(tf.square(means), 1, true)), SMALLEST_NORM); // [batch, 1]
  return { vectors: tf.div(means, norms), norms, shares };
}

function sentenceVectorsGradient(
  dVectors: tf.Tensor,
  vectors: tf.Tensor,
  norms: tf.Tensor,
  shares: tf.Tensor,
): tf.Tensor {
  const along = tf.sum(tf.mul(dVectors, vectors), 1, true); // [batch, 1]
  const dMeans = tf.div(tf.sub(dVectors, tf.mul(vectors, along)), norms); // [batch, hidden]
  const [batch, hidden] = dMeans.shape as [number, number];
  const spread = tf.matMul(shares, tf.reshape(dMeans, [batch, 1, hidden]), true, false); // [batch, seq, hidden]
  return tf.reshape(spread, [-1, hidden]);
}
