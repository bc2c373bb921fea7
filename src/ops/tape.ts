import * as tf from '@tensorflow/tfjs-core';

/** Whether TensorFlow.js' tape is recording: what is computed now must have a gradient that it knows. */
export function isRecording(): boolean {
  return tf.engine().state.gradientDepth > 0;
}

/**
 * x as it is, and its gradient once the tape has run back over it. The gradient is kept: whoever asks for it disposes of
 * it.
 */
export function tapped(x: tf.Tensor): { value: tf.Tensor; gradient: () => tf.Tensor } {
  let found: tf.Tensor | undefined;
  const same = tf.customGrad((...inputs) => ({
    value: tf.clone(inputs[0] as tf.Tensor),
    gradFunc: (dy: tf.Tensor) => {
      found = tf.keep(tf.clone(dy));
      return dy;
    },
  }));
  return { value: same(x), gradient: () => found! };
}

/**
 * What the tape recorded, where the work behind it failed: else TensorFlow.js keeps it until the next recording forgets it, and
 * never frees it.
 */
export function freeTape(): void {
  const { state } = tf.engine();
  if (state.gradientDepth > 0) return;
  for (const { saved } of state.activeTape ?? []) tf.dispose(saved);
  state.activeTape = [];
}
