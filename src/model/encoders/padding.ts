import * as tf from '@tensorflow/tfjs-core';
import { tidy } from '../../ops/tidy.js';
import type { EncoderInput } from './family.js';

type Lengths = Pick<EncoderInput, 'lengths' | 'batch' | 'seq'>;

/** Added to the attention scores of padding: its weight underflows to 0. */
const PADDED = -1e9;

/** [batch, 1, 1, seq]: 0 for pieces, very negative for padding. */
export function paddingBias(input: Lengths): tf.Tensor {
  const { batch, seq } = input;
  return tidy(() => tf.reshape(tf.mul(tf.sub(1, pieceMask(input)), PADDED), [batch, 1, 1, seq]));
}

/** [batch, seq]: 1 for pieces, 0 for padding. */
export function pieceMask({ lengths, batch, seq }: Lengths): tf.Tensor {
  return tidy(() => {
    const positions = tf.tensor2d(Float32Array.from({ length: seq }, (_, i) => i), [1, seq]); // prettier-ignore
    return tf.cast(tf.less(positions, lengthColumn({ lengths, batch })), 'float32');
  });
}

/** [batch, 1] */
export function lengthColumn({ lengths, batch }: Pick<EncoderInput, 'lengths' | 'batch'>): tf.Tensor {
  return tidy(() => tf.cast(tf.reshape(lengths, [batch, 1]), 'float32'));
}
