import * as tf from '@tensorflow/tfjs-core';
import { tidy } from '../ops/tidy.js';
import { filled, type ParameterSpec, type Weights } from './part.js';

const SHARES = 'layerMix.weight';

/**
 * A learned mixture of the outputs of all of an encoder's layers, in place of the last one's: their sum by shares that
 * add up to 1 (Peters et al., _Deep contextualized word representations_, 2018, without their scale).
 */
export interface LayerMix {
  /** Those that are mixed, as `encode` numbers them. */
  layers: readonly number[];
  parameters: ParameterSpec[];
  /** Outputs of the layers, the first one's first, [n, hidden] each → [n, hidden]. */
  forward(outputs: readonly tf.Tensor[], weights: Weights): tf.Tensor;
  /** Gradients for dy [n, hidden]: of every layer's output, where wanted, and of what the shares are made of [layers]. */
  gradient(
    dy: tf.Tensor,
    outputs: readonly tf.Tensor[],
    weights: Weights,
    wanted: { input: boolean },
  ): { outputs?: tf.Tensor[]; weight: tf.Tensor };
}

/** The layers' shares begin alike. */
export function layerMixOf(layers: number): LayerMix {
  const sharesOf = (weights: Weights) => tf.softmax(weights(SHARES) as tf.Tensor1D);
  return {
    layers: Array.from({ length: layers }, (_, layer) => layer + 1),
    parameters: [{ name: SHARES, shape: [layers], initial: filled(0), group: 'new' }],
    forward: (outputs, weights) =>
      tidy(() => {
        const parts = tf.unstack(sharesOf(weights));
        return tf.addN(outputs.map((output, layer) => tf.mul(output, parts[layer]!)));
      }),
    gradient: (dy, outputs, weights, wanted) =>
      tidy(() => {
        const shares = sharesOf(weights);
        const dShares = tf.stack(outputs.map((output) => tf.sum(tf.mul(dy, output)))); // [layers]
        const weighed = tf.mul(shares, dShares);
        return {
          weight: tf.sub(weighed, tf.mul(shares, tf.sum(weighed))),
          outputs: wanted.input ? tf.unstack(shares).map((share) => tf.mul(dy, share)) : undefined,
        };
      }),
  };
}
