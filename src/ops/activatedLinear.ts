import * as tf from '@tensorflow/tfjs-core';
import { executeOp, hasOwnKernels } from '../backend/native.js';
import { activationWithDerivative, type ActivationName } from './activation.js';
import { staysInBfloat16 } from './bfloat16.js';
import { linear, sumRows } from './linear.js';
import { product, product16 } from './product.js';
import { isRecording } from './tape.js';
import { tidy } from './tidy.js';

/**
 * A linear layer and its activation, with what the way back needs: x [n, in], weight [out, in], bias [out] → [n, out] each. Where
 * our own kernel computes, the value is in bfloat16, as the product above it rounds it anyway.
 */
export function activatedLinear(
  x: tf.Tensor,
  weight: tf.Tensor,
  bias: tf.Tensor,
  activation: ActivationName,
): { value: tf.Tensor; derivative: tf.Tensor } {
  return tidy(() => {
    if (activation !== 'gelu' || !canFuse())
      return activationWithDerivative(linear(x, weight, bias), activation);
    const [value, derivative] = executeOp('HostBiasGelu16', {}, [product16(x, weight, false, true), bias], 2);
    return { value: value!, derivative: derivative! };
  });
}

/**
 * From the linear layer above an activation to what the activation is given: dy [n, out], that layer's weight [out, in] and
 * the activation's derivative [n, in] → the gradient [n, in], in bfloat16 where our own kernel computes, and its sum over the
 * rows [in], of a bias.
 */
export function throughActivation(
  dy: tf.Tensor,
  weight: tf.Tensor,
  derivative: tf.Tensor,
): { input: tf.Tensor; sum: tf.Tensor } {
  return tidy(() => {
    if (!hasOwnKernels() || isRecording()) {
      const input = tf.mul(product(dy, weight), derivative);
      return { input, sum: sumRows(input) };
    }
    const [input, sum] = staysInBfloat16()
      ? executeOp('HostSlope16', {}, [product16(dy, weight, false, false), derivative], 2)
      : executeOp('HostSlope', {}, [product(dy, weight), derivative], 2);
    return { input: input!, sum: sum! };
  });
}

const canFuse = () => staysInBfloat16() && !isRecording();
