import * as tf from '@tensorflow/tfjs-core';

/** tf.tidy, for any structure of objects and arrays that holds tensors. */
export const tidy = tf.tidy as unknown as <T>(scope: () => T) => T;
