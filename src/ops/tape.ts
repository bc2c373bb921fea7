import * as tf from '@tensorflow/tfjs-core';

/** Whether TensorFlow.js' tape is recording: what is computed now must have a gradient that it knows. */
export function isRecording(): boolean {
  return tf.engine().state.gradientDepth > 0;
}
