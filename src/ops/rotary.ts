import * as tf from '@tensorflow/tfjs-core';
import { tidy } from './tidy.js';

/** Cosines and sines by which positions turn the dimensions of a head, [seq, size] each, for `rotate`. */
export interface Rotation {
  cos: tf.Tensor;
  /** Negative in the first half. */
  sin: tf.Tensor;
}

/**
 * The angles of positions 0 to seq - 1 (Su et al. 2021), each dimension of the first half paired with one of the second,
 * as GPT-NeoX has it.
 * @param size of a head, even
 */
export function rotation(seq: number, size: number, theta: number): Rotation {
  const half = size / 2;
  const [cos, sin] = [new Float32Array(seq * size), new Float32Array(seq * size)];
  for (let position = 0; position < seq; position++)
    for (let i = 0; i < half; i++) {
      const angle = position * theta ** (-i / half);
      const at = position * size + i;
      cos[at] = cos[at + half] = Math.cos(angle);
      sin[at + half] = Math.sin(angle);
      sin[at] = -sin[at + half]!;
    }
  return { cos: tf.tensor2d(cos, [seq, size]), sin: tf.tensor2d(sin, [seq, size]) };
}

/** x [..., seq, size], turned by its position. Of ops whose gradients the tape knows. */
export function rotate(x: tf.Tensor, { cos, sin }: Rotation): tf.Tensor {
  return tidy(() => tf.add(tf.mul(x, cos), tf.mul(swapHalves(x), sin)));
}

/** The gradient of `rotate`: turned back. */
export function rotateGradient(dy: tf.Tensor, { cos, sin }: Rotation): tf.Tensor {
  return tidy(() => tf.sub(tf.mul(dy, cos), tf.mul(swapHalves(dy), sin)));
}

function swapHalves(x: tf.Tensor): tf.Tensor {
  const [first, second] = tf.split(x, 2, -1);
  return tf.concat([second!, first!], -1);
}
