import * as tf from '@tensorflow/tfjs-core';
import type { Batch } from '../data/batches.js';
import type { Head } from '../data/labels.js';
import type { MaskSource } from '../ops/dropout.js';
import { tidy } from '../ops/tidy.js';
import {
  encode,
  encoderGradient,
  lowestTrainable,
  type EncoderDropout,
  type EncoderInput,
  type Gradients,
  type Trainable,
  type Weights,
} from './encoder/encoder.js';
import { bceLoss, countTokens } from './loss.js';
import { nerc, nercGradient, nercShapes } from './nerc.js';
import type { EncoderConfig } from './weights/config.js';
import { encoderShapes } from './weights/shapes.js';

/** The whole model for NER and CLASS: encoder, BiLSTM, sigmoid heads. */
export interface JointConfig {
  encoder: EncoderConfig;
  heads: Head[];
  /** Units of the BiLSTM, per direction. */
  units: number;
}

export interface JointDropout extends EncoderDropout {
  /** Before the BiLSTM and before the heads. */
  heads: number;
}

/** A batch on the engine. n = batch*seq. */
export interface DeviceBatch extends EncoderInput {
  real: tf.Tensor; // [n, 1]
  /** Number of real pieces that the loss is averaged over. */
  pieces: number;
  /** Per head [n, channels]. */
  targets: tf.Tensor[];
}

/** Name and shape of every parameter, the encoder's first. */
export function jointShapes({ encoder, heads, units }: JointConfig): Map<string, number[]> {
  return new Map([...encoderShapes(encoder), ...nercShapes(heads, encoder.hidden, units)]);
}

/** Whether a parameter is a factor of matrix products, and nothing else: not a table of rows, nor the BiLSTM's. */
export function isFactor(name: string, shape: number[]): boolean {
  return shape.length === 2 && !/(^|\.)embeddings\./.test(name) && !name.startsWith('bilstm.');
}

/** Puts a batch on the engine; `rowOf` maps piece ids to rows of the word table where only some are held. */
export function upload(batch: Batch, heads: Head[], rowOf?: Int32Array): DeviceBatch {
  const n = batch.batch * batch.seq;
  const rows = rowOf ? batch.ids.map((id) => rowOf[id]!) : batch.ids;
  return {
    rows: tf.tensor1d(rows, 'int32'),
    lengths: batch.lengths,
    batch: batch.batch,
    seq: batch.seq,
    real: tf.tensor2d(Float32Array.from(batch.real), [n, 1]),
    pieces: countPieces(batch),
    targets: batch.targets.map((targets, head) =>
      tf.tensor2d(Float32Array.from(targets), [n, heads[head]!.channels.length]),
    ),
  };
}

/** Number of real pieces. */
export function countPieces({ real }: Pick<Batch, 'real'>): number {
  return real.reduce((sum, one) => sum + one, 0);
}

/** Probabilities per head [batch*seq, channels]. Without dropout. */
export function probabilities(config: JointConfig, weights: Weights, input: EncoderInput): tf.Tensor[] {
  return tidy(() => {
    const { output } = encode(config.encoder, weights, input);
    return headProbabilities(config, weights, output, input);
  });
}

/** Probabilities from the encoder's output [batch*seq, hidden], as a cache of a frozen encoder has it. */
export function headProbabilities(
  config: JointConfig,
  weights: Weights,
  hidden: tf.Tensor,
  input: Omit<EncoderInput, 'rows'>,
): tf.Tensor[] {
  return tidy(() => {
    const { logits } = nerc(hidden, input, weights, { heads: config.heads, dropout: 0 });
    return logits.map((logit) => tf.sigmoid(logit));
  });
}

export interface LossAndGradients {
  loss: tf.Tensor; // []
  gradients: Gradients;
  /** Per head: true positives, false positives, false negatives [3, channels]. */
  counts: tf.Tensor[];
}

/**
 * Loss of a batch and its gradient for every trainable parameter: one forward and one backward pass, layer
 * by layer, so that a layer's activations are freed as soon as its gradients are there. `hidden`, where
 * given, stands for the output of a frozen encoder. No masks: no dropout.
 */
export function lossAndGradients(
  config: JointConfig,
  weights: Weights,
  batch: DeviceBatch,
  options: { trainable: Trainable; dropout: JointDropout; masks?: MaskSource; hidden?: tf.Tensor },
): LossAndGradients {
  const { trainable, dropout, masks } = options;
  const frozen = lowestTrainable(trainable) === Infinity;
  const head = { heads: config.heads, dropout: dropout.heads };

  const encoded = options.hidden
    ? { output: tf.clone(options.hidden), saved: { layers: [] } }
    : encode(
        config.encoder,
        weights,
        batch,
        frozen ? undefined : { trainable, dropout, ...(masks && { masks }) },
      );
  const top = nerc(encoded.output, batch, weights, head, masks);
  const outputs = top.logits.map((logits, index) => ({ logits, targets: batch.targets[index]! }));
  const { loss, dLogits } = bceLoss(outputs, batch.real, batch.pieces);
  const counts = outputs.map((output) => countTokens(output, batch.real));
  const above = nercGradient(dLogits, top.saved, batch, weights, head, { input: !frozen });
  tf.dispose([encoded.output, top.logits, dLogits, top.saved] as unknown as tf.TensorContainer);
  if (!above.input) return { loss, counts, gradients: above.gradients };

  const below = encoderGradient(above.input, encoded.saved, config.encoder, weights, batch, {
    trainable,
    dropout,
  });
  above.input.dispose();
  return { loss, counts, gradients: new Map([...below, ...above.gradients]) };
}
