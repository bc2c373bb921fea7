import * as tf from '@tensorflow/tfjs-core';
import { applyMask, dropoutMask, type DropoutMask, type MaskSource } from '../../../ops/dropout.js';
import { embedding, embeddingGradient } from '../../../ops/embedding.js';
import { layerNorm, layerNormGradient, type Normalized } from '../../../ops/layerNorm.js';
import { tidy } from '../../../ops/tidy.js';

export interface EmbeddingWeights {
  words: tf.Tensor; // [rows, hidden]
  positions?: tf.Tensor; // [positions, hidden]
  types?: tf.Tensor; // [types, hidden]; all pieces are of type 0
  norm: { weight: tf.Tensor; bias: tf.Tensor };
}

export interface EmbeddingSaved {
  rows: tf.Tensor1D; // [batch*seq]
  norm: Pick<Normalized, 'normal' | 'inverse'>;
  mask?: DropoutMask;
}

/** A batch's shape, and the row of the position table that a row's first piece takes. */
export interface EmbeddingShape {
  batch: number;
  seq: number;
  firstPosition: number;
}

/** Embeds rows [batch*seq] of the word table, with the positions from the first on → [batch*seq, hidden]. */
export function embedPieces(
  rows: tf.Tensor1D,
  { batch, seq, firstPosition }: EmbeddingShape,
  weights: EmbeddingWeights,
  options: { epsilon: number; dropout: number },
  masks: MaskSource | undefined,
): { output: tf.Tensor; saved: EmbeddingSaved } {
  return tidy(() => {
    const hidden = weights.words.shape[1]!;
    const words = tf.reshape(embedding(weights.words, rows), [batch, seq, hidden]);
    const positions = weights.positions && tf.slice(weights.positions, [firstPosition, 0], [seq, hidden]);
    const type = weights.types && tf.slice(weights.types, [0, 0], [1, hidden]);
    const fixed = positions && type ? tf.add(positions, type) : (positions ?? type); // [seq or 1, hidden]
    const sum = tf.reshape(fixed ? tf.add(words, fixed) : words, [batch * seq, hidden]);
    const normal = layerNorm(sum, weights.norm.weight, weights.norm.bias, options.epsilon);
    const mask = dropoutMask(sum.shape, options.dropout, masks);
    return {
      output: applyMask(normal.value, mask),
      saved: {
        rows: tf.clone(rows),
        norm: { normal: normal.normal, inverse: normal.inverse },
        mask,
      },
    };
  });
}

/** Gradients of `embedPieces` for dy [batch*seq, hidden]. */
export function embedPiecesGradient(
  dy: tf.Tensor,
  saved: EmbeddingSaved,
  { batch, seq, firstPosition }: EmbeddingShape,
  weights: EmbeddingWeights,
): EmbeddingWeights {
  return tidy(() => {
    const d = applyMask(dy, saved.mask);
    const norm = layerNormGradient(d, saved.norm, weights.norm.weight, { weights: true });
    const [rows, hidden] = weights.words.shape as [number, number];
    const fixed = tf.sum(tf.reshape(norm.input, [batch, seq, hidden]), 0); // [seq, hidden]
    const padRows = (x: tf.Tensor, before: number, count: number) => tf.pad(x, [[before, count - before - x.shape[0]!], [0, 0]]); // prettier-ignore
    return {
      words: embeddingGradient(norm.input, saved.rows, rows),
      positions: weights.positions && padRows(fixed, firstPosition, weights.positions.shape[0]!),
      types: weights.types && padRows(tf.sum(fixed, 0, true), 0, weights.types.shape[0]!),
      norm: { weight: norm.weight!, bias: norm.bias! },
    };
  });
}
