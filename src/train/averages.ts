import * as tf from '@tensorflow/tfjs-core';
import { trainedNames, type Parameters } from '../model/parameters.js';
import type { Trainable } from '../model/part.js';
import { tidy } from '../ops/tidy.js';
import { variable } from '../ops/variable.js';

/** Gives every parameter that is trained in any of these ways an average over the steps, which starts as it is. */
export function holdAverages(parameters: Parameters, ways: readonly Trainable[]): void {
  for (const name of new Set(ways.flatMap((trainable) => trainedNames(parameters, trainable))))
    tidy(() => {
      const slot = parameters.slots.get(name)!;
      slot.average = variable(`${name}.average`, slot.weight.read());
    });
}

/**
 * How far the averages move towards the weights after a step (from 0): the rest of `decay`, and more in the first
 * steps, so that they soon forget what they started as (as `tf.train.ExponentialMovingAverage` does it).
 */
export function averageShare(step: number, decay: number): number {
  return 1 - Math.min(decay, (1 + step) / (10 + step));
}

/** Moves the averages by this share [] of the way to the weights. */
export function moveAverages({ slots }: Pick<Parameters, 'slots'>, share: tf.Tensor): void {
  for (const { weight, average } of slots.values())
    if (average) tidy(() => average.add(tf.mul(tf.sub(weight.read(), average.read()), share)));
}
