import * as tf from '@tensorflow/tfjs-core';
import type { Head } from '../data/labels.js';
import { applyMask, dropoutMask, type MaskSource } from '../ops/dropout.js';
import { linear, linearGradient } from '../ops/linear.js';
import { bilstm, bilstmGradient, type BilstmSaved, type LstmShape, type LstmWeights } from '../ops/lstm.js';
import { tidy } from '../ops/tidy.js';
import type { Gradients, Weights } from './encoder/encoder.js';

export interface NercOptions {
  heads: Head[];
  /** Before the BiLSTM and before the heads. */
  dropout: number;
}

export interface NercInput extends LstmShape {
  /** [batch]: pieces of each window. */
  lengths: Int32Array;
}

export interface NercSaved {
  input: tf.Tensor; // [n, hidden], after dropout
  inputMask?: tf.Tensor;
  bilstm: BilstmSaved;
  features: tf.Tensor; // [n, 2*units], after dropout
  featuresMask?: tf.Tensor;
}

const DIRECTIONS = ['', '_reverse'] as const;

/** Name and shape of every parameter above the encoder, as PyTorch's nn.LSTM and nn.Linear have them. */
export function nercShapes(heads: Head[], hidden: number, units: number): Map<string, number[]> {
  const shapes = new Map<string, number[]>();
  for (const direction of DIRECTIONS) {
    shapes.set(`bilstm.weight_ih_l0${direction}`, [4 * units, hidden]);
    shapes.set(`bilstm.weight_hh_l0${direction}`, [4 * units, units]);
    shapes.set(`bilstm.bias_l0${direction}`, [4 * units]);
  }
  for (const { name, channels } of heads) {
    shapes.set(`heads.${name}.weight`, [channels.length, 2 * units]);
    shapes.set(`heads.${name}.bias`, [channels.length]);
  }
  return shapes;
}

/**
 * The layers above the encoder: BiLSTM, then one time-distributed linear layer per head. hidden
 * [batch*seq, hidden] → logits per head [batch*seq, channels]. A dense layer over all rows is what
 * "time-distributed" means.
 */
export function nerc(
  hidden: tf.Tensor,
  input: NercInput,
  weights: Weights,
  { heads, dropout }: NercOptions,
  masks?: MaskSource,
): { logits: tf.Tensor[]; saved: NercSaved } {
  return tidy(() => {
    const inputMask = dropoutMask(hidden.shape, dropout, masks);
    const dropped = applyMask(hidden, inputMask);
    const lstm = bilstm(dropped, input.lengths, lstmWeights(weights), input);
    const featuresMask = dropoutMask(lstm.output.shape, dropout, masks);
    const features = applyMask(lstm.output, featuresMask); // [n, 2*units]
    const logits = heads.map(({ name }) =>
      linear(features, weights(`heads.${name}.weight`), weights(`heads.${name}.bias`)),
    );
    const saved: NercSaved = {
      input: dropped,
      ...(inputMask && { inputMask }),
      bilstm: lstm.saved,
      features,
      ...(featuresMask && { featuresMask }),
    };
    return { logits, saved };
  });
}

/** Gradients of `nerc` for those of its logits: of its parameters and, where wanted, of `hidden`. */
export function nercGradient(
  dLogits: tf.Tensor[],
  saved: NercSaved,
  input: NercInput,
  weights: Weights,
  { heads }: NercOptions,
  wanted: { input: boolean },
): { input?: tf.Tensor; gradients: Gradients } {
  const { parts, input: dInput } = tidy(() => {
    const all = { input: true, weights: true };
    const linears = heads.map(({ name }, index) =>
      linearGradient(dLogits[index]!, saved.features, weights(`heads.${name}.weight`), all),
    );
    const dFeatures = applyMask(tf.addN(linears.map((g) => g.input!)), saved.featuresMask); // [n, 2*units]
    const lstm = bilstmGradient(dFeatures, saved.bilstm, lstmWeights(weights), input, wanted);
    const named: Record<string, tf.Tensor> = {};
    heads.forEach(({ name }, index) => {
      named[`heads.${name}.weight`] = linears[index]!.weight!;
      named[`heads.${name}.bias`] = linears[index]!.bias!;
    });
    DIRECTIONS.forEach((direction, index) => {
      const gradient = lstm.weights[index]!;
      named[`bilstm.weight_ih_l0${direction}`] = gradient.input;
      named[`bilstm.weight_hh_l0${direction}`] = gradient.recurrent;
      named[`bilstm.bias_l0${direction}`] = gradient.bias;
    });
    return { parts: named, ...(lstm.input && { input: applyMask(lstm.input, saved.inputMask) }) };
  });
  return { ...(dInput && { input: dInput }), gradients: new Map(Object.entries(parts)) };
}

function lstmWeights(weights: Weights): [LstmWeights, LstmWeights] {
  const [forward, reverse] = DIRECTIONS.map((direction) => ({
    input: weights(`bilstm.weight_ih_l0${direction}`),
    recurrent: weights(`bilstm.weight_hh_l0${direction}`),
    bias: weights(`bilstm.bias_l0${direction}`),
  }));
  return [forward!, reverse!];
}
