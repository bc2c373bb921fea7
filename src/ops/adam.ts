import * as tf from '@tensorflow/tfjs-core';
import { attribute, executeOp } from '../backend/native.js';
import { variable, type Variable } from './variable.js';
import { tidy } from './tidy.js';

export interface AdamOptions {
  beta1: number;
  beta2: number;
  epsilon: number;
}

/** A variable with its two moments and the number of updates it has had. */
export interface AdamSlot {
  weight: Variable;
  first: Variable;
  second: Variable;
  updates: number;
}

/** A slot whose moments are zero. */
export function adamSlot(weight: Variable): AdamSlot {
  return tidy(() => {
    const zeros = tf.zeros(weight.shape);
    const moment = (which: string) => variable(`${weight.name}.${which}`, zeros);
    return { weight, first: moment('first'), second: moment('second'), updates: 0 };
  });
}

/**
 * One step of AdamW (Kingma & Ba 2015; Loshchilov & Hutter 2019), as PyTorch computes it: the decay of
 * weights is rate × decay, apart from the gradient. One op a variable on the native engine. `scalar` makes a tensor
 * of one of its numbers, whose role it is told: updates that have the same numbers can share them.
 */
export function adamUpdate(
  slot: AdamSlot,
  gradient: tf.Tensor,
  rate: number,
  decay: number,
  options: AdamOptions,
  scalar: (value: number, role: string) => tf.Tensor = (value) => tf.scalar(value),
): void {
  slot.updates += 1;
  tidy(() => {
    if (decay > 0) slot.weight.assign(tf.mul(slot.weight.read(), scalar(1 - rate * decay, 'decay')));
  });
  if (slot.weight.handle) fusedUpdate(slot, gradient, rate, options, scalar);
  else composedUpdate(slot, gradient, rate, options);
}

/** TensorFlow adds epsilon before the bias correction, PyTorch after it: hence the factor on epsilon. */
function fusedUpdate(
  { weight, first, second, updates }: AdamSlot,
  gradient: tf.Tensor,
  rate: number,
  { beta1, beta2, epsilon }: AdamOptions,
  scalar: (value: number, role: string) => tf.Tensor,
): void {
  const power2 = beta2 ** updates;
  const numbers = {
    ...{ power1: beta1 ** updates, power2, rate, beta1, beta2 },
    epsilon: epsilon * Math.sqrt(1 - power2),
  };
  tidy(() => {
    const scalars = Object.entries(numbers).map(([role, value]) => scalar(value, role));
    const attributes = { T: attribute.type('float32'), use_locking: attribute.bool(false) };
    const handles = [weight.handle!, first.handle!, second.handle!];
    executeOp('ResourceApplyAdam', attributes, [...handles, ...scalars, gradient], 0);
  });
}

function composedUpdate(
  { weight, first, second, updates }: AdamSlot,
  gradient: tf.Tensor,
  rate: number,
  { beta1, beta2, epsilon }: AdamOptions,
): void {
  tidy(() => {
    const m = tf.add(tf.mul(first.read(), beta1), tf.mul(gradient, 1 - beta1));
    const v = tf.add(tf.mul(second.read(), beta2), tf.mul(tf.square(gradient), 1 - beta2));
    const mean = tf.div(m, 1 - beta1 ** updates);
    const deviation = tf.add(tf.sqrt(tf.div(v, 1 - beta2 ** updates)), epsilon);
    weight.assign(tf.sub(weight.read(), tf.mul(tf.div(mean, deviation), rate)));
    first.assign(m);
    second.assign(v);
  });
}
