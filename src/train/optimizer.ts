import * as tf from '@tensorflow/tfjs-core';
import type { Config } from '../config/schema.js';
import type { ParameterSlot } from '../model/parameters.js';
import { decays, type Gradients } from '../model/part.js';
import { adamUpdate, type AdamSlot } from '../ops/adam.js';
import { attribute, executeOp, isNative } from '../backend/native.js';
import { tidy } from '../ops/tidy.js';

export type OptimizerOptions = Pick<
  Config['training'],
  'beta1' | 'beta2' | 'epsilon' | 'weightDecay' | 'clipNorm' | 'headRateFactor'
>;

/** Keeps the clipped gradient finite where the norm is 0, as PyTorch does. */
const NORM_EPSILON = 1e-6;

/**
 * One AdamW step for every parameter that has a gradient, after clipping their global norm. `rate` is the
 * encoder's; the new layers get `headRateFactor` times it. Moments belong to names: a parameter that was
 * frozen for a while goes on where it stopped. Returns the norm before clipping, on the device.
 */
export function optimizerStep(
  slots: Map<string, ParameterSlot>,
  gradients: Gradients,
  rate: number,
  options: OptimizerOptions,
): tf.Tensor {
  return tidy(() => {
    const norm = globalNorm([...gradients.values()]);
    const scale =
      options.clipNorm === null
        ? undefined
        : tf.minimum(1, tf.div(options.clipNorm, tf.add(norm, NORM_EPSILON)));
    const numbers = new Map<string, tf.Tensor>(); // few: most parameters have had as many updates
    const scalarOf = (group: string) => (value: number, role: string) => {
      const key = `${group} ${role}`;
      const tensor = numbers.get(key) ?? tf.keep(tf.scalar(value));
      numbers.set(key, tensor);
      return tensor;
    };
    for (const [name, gradient] of gradients) {
      const slot = slots.get(name)!;
      const isNew = slot.spec.group === 'new';
      const own = isNew ? rate * options.headRateFactor : rate;
      const decay = decays(slot.spec) ? options.weightDecay : 0;
      const scalar = scalarOf(`${slot.updates} ${isNew}`);
      tidy(() => adamUpdate(slot, scale ? tf.mul(gradient, scale) : gradient, own, decay, options, scalar));
    }
    tf.dispose([...numbers.values()]);
    return norm;
  });
}

function globalNorm(gradients: tf.Tensor[]): tf.Tensor {
  const half = gradients.map((gradient) =>
    isNative()
      ? executeOp('L2Loss', { T: attribute.type('float32') }, [gradient])[0]!
      : tf.mul(tf.sum(tf.square(gradient)), 0.5),
  );
  return tf.sqrt(tf.mul(tf.addN(half), 2));
}

/**
 * Which of these parameters have had as many updates as another before them, and share its numbers: steps that
 * differ in this differ in their tensors.
 */
export function sharedNumbers(slots: readonly AdamSlot[]): string {
  const groups = [...new Set(slots.map(({ updates }) => updates))];
  return groups.length < 2 ? '' : slots.map(({ updates }) => groups.indexOf(updates)).join(' ');
}

/**
 * A step that may be run twice: a try to compile it counts its updates already, so that they begin anew each time.
 */
export function countedOnce<T>(slots: readonly AdamSlot[], step: () => T): () => T {
  const updates = slots.map((slot) => slot.updates);
  return () => {
    slots.forEach((slot, i) => (slot.updates = updates[i]!));
    return step();
  };
}
