import * as tf from '@tensorflow/tfjs-core';

/** Of matrix products; weights, statistics and all other ops are float32 in either case. */
export type Precision = 'float32' | 'bfloat16';

// A flag of TensorFlow.js' environment, as its own backends keep such choices.
const FLAG = 'MEDDOPROF_BFLOAT16_PRODUCTS';
tf.env().registerFlag(FLAG, () => false);

/** Holds for every product from now on, beside the current backend. */
export function setPrecision(precision: Precision): void {
  tf.env().set(FLAG, precision === 'bfloat16');
}

export function precisionNow(): Precision {
  return tf.env().getBool(FLAG) ? 'bfloat16' : 'float32';
}
