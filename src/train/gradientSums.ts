import * as tf from '@tensorflow/tfjs-core';
import { trainedNames, type Parameters } from '../model/parameters.js';
import type { Trainable } from '../model/part.js';
import { variable, type Variable } from '../ops/variable.js';
import { tidy } from '../ops/tidy.js';

/** Where gradients are summed over the parts of a batch: as much memory as the parameters that are trained. */
export interface GradientSums {
  /** Of a parameter that was among those asked for. */
  get(name: string): Variable;
  /** Names of the parameters that are trained. */
  names(trainable: Trainable): string[];
  dispose(): void;
}

/** Sums for all parameters that are trained in any of these ways. */
export function gradientSums(parameters: Parameters, ways: Trainable[]): GradientSums {
  const sums = new Map<string, Variable>();
  const names = (trainable: Trainable) => trainedNames(parameters, trainable);
  for (const name of new Set(ways.flatMap(names)))
    tidy(() => sums.set(name, variable(`${name}.sum`, tf.zeros(parameters.slots.get(name)!.weight.shape))));
  return {
    names,
    get: (name) => sums.get(name)!,
    dispose: () => sums.forEach((sum) => sum.dispose()),
  };
}
