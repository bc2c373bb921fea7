import * as tf from '@tensorflow/tfjs-core';
import type { EncoderInput } from './family.js';

/** Added to the attention scores of padding: its weight underflows to 0. */
const PADDED = -1e9;

/** [batch, 1, 1, seq]: 0 for pieces, very negative for padding. */
export function paddingBias({
  lengths,
  batch,
  seq,
}: Pick<EncoderInput, 'lengths' | 'batch' | 'seq'>): tf.Tensor {
  const bias = new Float32Array(batch * seq);
  for (let row = 0; row < batch; row++) bias.fill(PADDED, row * seq + lengths[row]!, (row + 1) * seq);
  return tf.tensor4d(bias, [batch, 1, 1, seq]);
}
