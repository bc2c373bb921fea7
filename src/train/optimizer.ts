import * as tf from '@tensorflow/tfjs-core';
import type { Config } from '../config/schema.js';
import type { ParameterSlot } from '../model/parameters.js';
import { decays, type Gradients, type ParameterSpec } from '../model/part.js';
import { adamNumbers, adamUpdate, type AdamNumbers } from '../ops/adam.js';
import { attribute, executeOp, hasOwnKernels, isNative } from '../backend/native.js';
import { tidy } from '../ops/tidy.js';

export type OptimizerOptions = Pick<
  Config['training'],
  'beta1' | 'beta2' | 'epsilon' | 'weightDecay' | 'clipNorm' | 'headRateFactor' | 'layerRateFactor'
>;

/** Keeps the clipped gradient finite where the norm is 0, as PyTorch does. */
const NORM_EPSILON = 1e-6;

/**
 * The numbers of a step's updates, which are few, as most parameters have had as many updates and learn at one rate;
 * and which of them each parameter takes.
 */
export interface Updates {
  numbers: AdamNumbers<number>[];
  numberOf: ReadonlyMap<string, number>;
}

/**
 * The next update of parameters, which it counts. `rate` is that of the encoder's highest layer; of the others `rateFactor`
 * tells. Moments belong to names: a parameter that was frozen for a while goes on where it stopped.
 */
export function nextUpdates(
  slots: ReadonlyMap<string, ParameterSlot>,
  names: readonly string[],
  rate: number,
  options: OptimizerOptions,
): Updates {
  const numbers: AdamNumbers<number>[] = [];
  const groups = new Map<string, number>();
  const numberOf = new Map<string, number>();
  const layers = countLayers(slots.values());
  for (const name of names) {
    const slot = slots.get(name)!;
    slot.updates += 1;
    const own = rate * rateFactor(slot.spec, layers, options);
    const group = `${slot.updates} ${own}`;
    let number = groups.get(group);
    if (number === undefined) {
      const rates = { rate: own, decay: options.weightDecay };
      number = numbers.push(adamNumbers(slot.updates, rates, options)) - 1;
      groups.set(group, number);
    }
    numberOf.set(name, number);
  }
  return { numbers, numberOf };
}

/** Rate of a parameter over that of the highest of so many layers: `headRateFactor` above them, less with each below. */
export function rateFactor(
  { group }: Pick<ParameterSpec, 'group'>,
  layers: number,
  { headRateFactor, layerRateFactor }: Pick<OptimizerOptions, 'headRateFactor' | 'layerRateFactor'>,
): number {
  if (group === 'new') return headRateFactor;
  return layerRateFactor ** (layers - 1 - (group === 'embeddings' ? -1 : group));
}

function countLayers(slots: Iterable<ParameterSlot>): number {
  let layers = 0;
  for (const { spec } of slots) if (typeof spec.group === 'number') layers = Math.max(layers, spec.group + 1);
  return layers;
}

/**
 * One AdamW step for every parameter that has a gradient, after clipping their global norm, with the numbers of
 * `nextUpdates` or tensors of them. Returns the norm before clipping, on the device.
 */
export function optimizerStep(
  slots: ReadonlyMap<string, ParameterSlot>,
  gradients: Gradients,
  { numbers, numberOf }: Pick<Updates, 'numberOf'> & { numbers: readonly AdamNumbers[] },
  options: OptimizerOptions,
): tf.Tensor {
  const update = (name: string, gradient: tf.Tensor) => {
    const slot = slots.get(name)!;
    const decaying = options.weightDecay > 0 && decays(slot.spec);
    const own = numbers[numberOf.get(name)!]!;
    adamUpdate(slot, gradient, own, { ...options, decays: decaying });
  };
  return tidy(() => {
    const { norm, clipped } = (hasOwnKernels() ? clippedByKernel : clippedApart)(gradients, options.clipNorm);
    for (const [name, gradient] of clipped) tidy(() => update(name, gradient()));
    return norm;
  });
}

/** The norm before clipping, and gradients after it: each is made when it is asked for, so that not all are there at once. */
interface Clipped {
  norm: tf.Tensor;
  clipped: [name: string, gradient: () => tf.Tensor][];
}

/** By one op of ours, which gives them all. */
function clippedByKernel(gradients: Gradients, most: number | null): Clipped {
  const attributes = { most: attribute.float(most ?? 0), N: attribute.int(gradients.size) };
  const [norm, ...clipped] = executeOp('HostClip', attributes, [...gradients.values()], 1 + gradients.size);
  return { norm: norm!, clipped: [...gradients.keys()].map((name, i) => [name, () => clipped[i]!]) };
}

/** By ops for each; on the native engine biases and norms, which are many and small, are clipped together. */
function clippedApart(gradients: Gradients, most: number | null): Clipped {
  const together = isNative() ? [...gradients].filter(([, { rank }]) => rank === 1) : [];
  const alone = [...gradients].filter(([, { rank }]) => !isNative() || rank !== 1);
  const joined = together.length > 0 ? [tf.concat(together.map(([, gradient]) => gradient))] : [];
  const norm = globalNorm([...alone.map(([, gradient]) => gradient), ...joined]);
  if (most === null)
    return { norm, clipped: [...gradients].map(([name, gradient]) => [name, () => gradient]) };
  const scale = tf.minimum(1, tf.div(most, tf.add(norm, NORM_EPSILON)));
  const sizes = together.map(([, { size }]) => size);
  const parts = joined.flatMap((one) => tf.split(tf.mul(one, scale), sizes));
  return {
    norm,
    clipped: [
      ...alone.map(([name, gradient]): Clipped['clipped'][0] => [name, () => tf.mul(gradient, scale)]),
      ...together.map(([name], i): Clipped['clipped'][0] => [name, () => parts[i]!]),
    ],
  };
}

function globalNorm(gradients: tf.Tensor[]): tf.Tensor {
  const half = gradients.map((gradient) =>
    isNative()
      ? executeOp('L2Loss', { T: attribute.type('float32') }, [gradient])[0]!
      : tf.mul(tf.sum(tf.square(gradient)), 0.5),
  );
  return tf.sqrt(tf.mul(tf.addN(half), 2));
}

/** What of the options and the grouping decides what a step does: steps that differ in it are different functions. */
export function updateKey({ numberOf }: Updates, options: OptimizerOptions): string {
  const { beta1, beta2, weightDecay, clipNorm } = options;
  return `${[...numberOf.values()].join(' ')} ${beta1} ${beta2} ${weightDecay > 0} ${clipNorm}`;
}
