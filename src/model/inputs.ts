import type * as tf from '@tensorflow/tfjs-core';
import type { Fed, Values } from '../compile/compile.js';
import type { Batch } from '../data/batches.js';

/** What a step is given of a batch; n = batch*seq. */
export interface BatchInputs extends EncoderInputs {
  real: Values; // [n, 1]
  pieces: number;
  windows: number;
  targets: Values[];
}

/** What an encoder is given of it. */
export interface EncoderInputs {
  rows: Values; // [n]
  lengths: Values; // [batch]
}

/** The inputs of a batch; `rowOf` maps piece ids to rows of the word table where only some are held. */
export function batchInputs(batch: Batch, rowOf?: Int32Array): BatchInputs {
  return {
    ...encoderInputs(batch, rowOf),
    real: { values: new Float32Array(batch.real), shape: [batch.batch * batch.seq, 1] },
    pieces: Math.max(1, countPieces(batch)), // there may be only white space
    windows: batch.batch,
    targets: batch.targets.map(({ values, shape }) => ({
      values: values instanceof Int32Array ? values : new Float32Array(values),
      shape,
    })),
  };
}

export function encoderInputs(
  { ids, lengths }: Pick<Batch, 'ids' | 'lengths'>,
  rowOf?: Int32Array,
): EncoderInputs {
  const rows = rowOf ? ids.map((id) => rowOf[id]!) : ids;
  return {
    rows: { values: rows, shape: [rows.length] },
    lengths: { values: new Float32Array(lengths), shape: [lengths.length] },
  };
}

/** Number of real pieces. */
export function countPieces({ real }: Pick<Batch, 'real'>): number {
  return real.reduce((sum, one) => sum + one, 0);
}

/** Inputs on the engine, as an encoder takes them. */
export function onEngine({ rows, lengths }: Fed<EncoderInputs>): { rows: tf.Tensor1D; lengths: tf.Tensor } {
  return { rows: rows as tf.Tensor1D, lengths };
}
