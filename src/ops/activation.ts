import * as tf from '@tensorflow/tfjs-core';
import { executeOp, hasOwnKernels } from '../backend/native.js';
import { isRecording } from './tape.js';
import { tidy } from './tidy.js';

interface WithDerivative {
  value: tf.Tensor;
  derivative: tf.Tensor;
}

/** By Hugging Face's names; gelu_new and gelu_pytorch_tanh are the same function. */
const functions = {
  gelu: { value: gelu, both: geluWithDerivative },
  gelu_new: { value: tanhGelu, both: tanhGeluWithDerivative },
  gelu_pytorch_tanh: { value: tanhGelu, both: tanhGeluWithDerivative },
  relu: { value: tf.relu, both: reluWithDerivative },
};
export type ActivationName = keyof typeof functions;

/** The activation of a feed-forward block, element by element. */
export function activation(x: tf.Tensor, name: ActivationName): tf.Tensor {
  return tidy(() => functions[name].value(x));
}

/** The same with its derivative in one pass: the derivative is all that the backward pass needs. */
export function activationWithDerivative(x: tf.Tensor, name: ActivationName): WithDerivative {
  return tidy(() => functions[name].both(x));
}

const INVERSE_SQRT_2PI = 1 / Math.sqrt(2 * Math.PI);

/** The exact GELU, x·Φ(x) (Hendrycks & Gimpel 2016). */
function gelu(x: tf.Tensor): tf.Tensor {
  return tf.mul(normalCdf(x), x);
}

/** Its derivative is Φ(x) + x·φ(x). */
function geluWithDerivative(x: tf.Tensor): WithDerivative {
  if (hasOwnKernels() && !isRecording()) {
    const [value, derivative] = executeOp('HostGelu', {}, [x], 2);
    return { value: value!, derivative: derivative! };
  }
  const cdf = normalCdf(x);
  const density = tf.mul(tf.exp(tf.mul(tf.square(x), -0.5)), INVERSE_SQRT_2PI);
  return { value: tf.mul(x, cdf), derivative: tf.add(cdf, tf.mul(x, density)) };
}

function normalCdf(x: tf.Tensor): tf.Tensor {
  // In this order TensorFlow knows the whole for a GELU, and computes it with the product before it.
  return tidy(() => tf.mul(tf.add(tf.erf(tf.mul(x, Math.SQRT1_2)), 1), 0.5));
}

const SCALE = Math.sqrt(2 / Math.PI);
const CUBIC = 0.044715;

/** GELU's approximation by a tanh, x·(1 + tanh u) / 2 (the same paper). */
function tanhGelu(x: tf.Tensor): tf.Tensor {
  return tf.mul(x, tanhCdf(x));
}

/** With c = (1 + tanh u) / 2, its derivative is c + x·2c·(1 - c)·u'. */
function tanhGeluWithDerivative(x: tf.Tensor): WithDerivative {
  const cdf = tanhCdf(x);
  const slope = tf.add(tf.mul(tf.square(x), 6 * SCALE * CUBIC), 2 * SCALE); // 2·u'
  const density = tf.mul(tf.mul(cdf, tf.sub(1, cdf)), slope);
  return { value: tf.mul(x, cdf), derivative: tf.add(cdf, tf.mul(x, density)) };
}

/** (1 + tanh u) / 2 with u = √(2/π)·(x + 0.044715·x³): an approximation of Φ(x). */
function tanhCdf(x: tf.Tensor): tf.Tensor {
  return tidy(() => {
    const u = tf.mul(x, tf.add(tf.mul(tf.square(x), SCALE * CUBIC), SCALE));
    return tf.add(tf.mul(tf.tanh(u), 0.5), 0.5);
  });
}

function reluWithDerivative(x: tf.Tensor): WithDerivative {
  return { value: tf.relu(x), derivative: tf.cast(tf.greater(x, 0), 'float32') };
}
