import * as tf from '@tensorflow/tfjs-core';
import { freeTape } from '../../ops/tape.js';
import { tidy } from '../../ops/tidy.js';
import type { ParameterSpec, Weights } from '../part.js';
import type { Head, HeadBatch, HeadStep } from './head.js';

/**
 * The `step` of a head that is written forward only, of ops whose gradients TensorFlow.js knows (its own; `linear` and
 * `product` of this project): the gradients come from its tape. Every parameter must have a part in the loss. `counts` may
 * be a function, which is called when the gradients are there (`tapped` gives those of what is inside).
 */
export function stepByTape(
  parameters: readonly Pick<ParameterSpec, 'name'>[],
  forward: (
    batch: HeadBatch,
    weights: Weights,
  ) => Pick<HeadStep, 'loss'> & { counts: HeadStep['counts'] | (() => HeadStep['counts']) },
): Head['step'] {
  return (batch, weights) => {
    const { gradients, ...result } = tidy(() => {
      let counts: tf.Tensor[] = [];
      let countLater: (() => tf.Tensor[]) | undefined;
      const lossOf = tf.valueAndGrads((features: tf.Tensor, ...values: tf.Tensor[]) => {
        const valueOf = new Map(parameters.map(({ name }, i) => [name, values[i]!]));
        const result = forward({ ...batch, features }, (name) => valueOf.get(name)!);
        if (typeof result.counts === 'function') countLater = result.counts;
        else counts = result.counts.map((one) => tf.keep(one));
        return result.loss as tf.Scalar;
      });
      const { value, grads } = orFreed(
        () => lossOf([batch.features, ...parameters.map(({ name }) => weights(name))]),
        () => counts,
      );
      const [features, ...ofParameters] = grads as [tf.Tensor, ...tf.Tensor[]];
      const ofStep = {
        loss: value,
        counts: countLater?.() ?? counts.map((one) => tf.clone(one)), // what was kept would outlive the step
        features,
        gradients: ofParameters,
      };
      tf.dispose(counts);
      return ofStep;
    });
    // A tidy does not see into a Map.
    return { ...result, gradients: new Map(parameters.map(({ name }, i) => [name, gradients[i]!])) };
  };
}

/** What the tape gives; where there was no memory for it, what it and the forward pass kept is freed, to try with less. */
function orFreed<T>(work: () => T, kept: () => tf.Tensor[]): T {
  try {
    return work();
  } catch (error) {
    tf.dispose(kept());
    freeTape();
    throw error;
  }
}
