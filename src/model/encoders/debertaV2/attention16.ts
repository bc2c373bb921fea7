import * as tf from '@tensorflow/tfjs-core';
import { gather16, linear16, matMul16, reshape16, toBfloat16, toFloat32, transpose16 } from '../../../ops/bfloat16.js'; // prettier-ignore
import { applyMask, dropoutMask } from '../../../ops/dropout.js';
import { tidy } from '../../../ops/tidy.js';
import type { Pair, Projections } from '../postNorm/layer.js';
import type { SelfAttention16 } from '../postNorm/layer16.js';
import type { DisentangledOptions, PositionProjections, Surroundings } from './attention.js';

/** `disentangledAttention` in bfloat16, for `encoderLayer16`. Sums of scores and the softmax are float32. */
export function disentangledAttention16(
  weights: Projections,
  { positionKey, positionQuery }: PositionProjections,
  { bias, mirror, table }: Surroundings,
  { shape, scale, dropout, attentionDropout }: DisentangledOptions,
): SelfAttention16 {
  const { batch, seq, heads } = shape;
  return (x, masks) => {
    const hidden = x.shape[1]!;
    const split = (rows: tf.Tensor, count: number) =>
      transpose16(reshape16(rows, [count, rows.shape[0]! / count, heads, hidden / heads]), [0, 2, 1, 3]);
    const project = (input: tf.Tensor, by: Pair) =>
      tidy(() => split(linear16(input, by.weight, by.bias), batch)); // [batch, heads, seq, size]
    const mirrored = gather16(x, mirror, 0);
    const query = project(x, weights.query);
    const key = project(mirrored, weights.key);
    const value = project(mirrored, weights.value);

    const dropped = table && applyMask(table.value, dropoutMask(table.value.shape, dropout, masks));
    const ofTable = (by: Pair) =>
      tidy(() => split(gather16(linear16(dropped!, by.weight, by.bias), table!.order, 0), 1));
    /** As `positionScores`. */
    const score = (pieces: tf.Tensor, by: Pair) =>
      tidy(() => {
        const scores = matMul16(pieces, ofTable(by), true); // [batch, heads, seq, 2*seq - 1]
        return gather16(reshape16(scores, [batch, heads, 2 * seq - 1, seq]), table!.pairs.forward, 2);
      });
    const scores = tidy(() => {
      const terms = [matMul16(query, key, true)]; // [batch, heads, seq, seq] each
      if (positionKey) terms.push(score(query, positionKey));
      if (positionQuery) terms.push(transpose16(score(key, positionQuery), [0, 1, 3, 2]));
      return tf.add(tf.mul(tf.addN(terms.map(toFloat32)), scale), bias);
    });
    const attended: tf.Tensor = tf.softmax(scores);
    const mask = dropoutMask(attended.shape, attentionDropout, masks);
    const output = matMul16(toBfloat16(applyMask(attended, mask)), value); // [batch, heads, seq, size]
    return reshape16(transpose16(output, [0, 2, 1, 3]), [batch * seq, hidden]);
  };
}
