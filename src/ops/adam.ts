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
 * The numbers of an update: the same for all variables that have had as many updates and learn at one rate. They may be
 * a step's inputs.
 */
export type AdamNumbers<N = number | tf.Tensor> = Record<
  'rate' | 'power1' | 'power2' | 'corrected1' | 'corrected2' | 'epsilon' | 'kept',
  N
>;

/** Those of update number `updates`, from 1; `decay` is that of weights. */
export function adamNumbers(
  updates: number,
  { rate, decay }: { rate: number; decay: number },
  { beta1, beta2, epsilon }: AdamOptions,
): AdamNumbers<number> {
  const [power1, power2] = [beta1 ** updates, beta2 ** updates];
  return {
    rate,
    power1,
    power2,
    corrected1: 1 - power1,
    corrected2: 1 - power2,
    // TensorFlow adds epsilon before the bias correction, PyTorch after it.
    epsilon: epsilon * Math.sqrt(1 - power2),
    /** Of a weight that decays, before the update. */
    kept: 1 - rate * decay,
  };
}

/**
 * One step of AdamW (Kingma & Ba 2015; Loshchilov & Hutter 2019), as PyTorch computes it: the decay of
 * weights is rate × decay, apart from the gradient. One op a variable on the native engine. Counting the update is the
 * caller's.
 */
export function adamUpdate(
  slot: Omit<AdamSlot, 'updates'>,
  gradient: tf.Tensor,
  numbers: AdamNumbers,
  { decays, ...options }: AdamOptions & { decays: boolean },
): void {
  tidy(() => {
    if (decays) slot.weight.assign(tf.mul(slot.weight.read(), numbers.kept));
  });
  if (slot.weight.handle) fusedUpdate(slot, gradient, numbers, options);
  else composedUpdate(slot, gradient, numbers, options);
}

function fusedUpdate(
  { weight, first, second }: Omit<AdamSlot, 'updates'>,
  gradient: tf.Tensor,
  { power1, power2, rate, epsilon }: AdamNumbers,
  { beta1, beta2 }: AdamOptions,
): void {
  tidy(() => {
    const scalars = [power1, power2, rate, beta1, beta2, epsilon].map((value) =>
      typeof value === 'number' ? tf.scalar(value) : value,
    );
    const attributes = { T: attribute.type('float32'), use_locking: attribute.bool(false) };
    const handles = [weight.handle!, first.handle!, second.handle!];
    executeOp('ResourceApplyAdam', attributes, [...handles, ...scalars, gradient], 0);
  });
}

function composedUpdate(
  { weight, first, second }: Omit<AdamSlot, 'updates'>,
  gradient: tf.Tensor,
  { rate, corrected1, corrected2 }: AdamNumbers,
  { beta1, beta2, epsilon }: AdamOptions,
): void {
  tidy(() => {
    const m = tf.add(tf.mul(first.read(), beta1), tf.mul(gradient, 1 - beta1));
    const v = tf.add(tf.mul(second.read(), beta2), tf.mul(tf.square(gradient), 1 - beta2));
    const mean = tf.div(m, corrected1);
    const deviation = tf.add(tf.sqrt(tf.div(v, corrected2)), epsilon);
    weight.assign(tf.sub(weight.read(), tf.mul(tf.div(mean, deviation), rate)));
    first.assign(m);
    second.assign(v);
  });
}
