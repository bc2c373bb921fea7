import * as tf from '@tensorflow/tfjs-core';
import type { Output } from '../../../data/labels.js';
import { linear } from '../../../ops/linear.js';
import { tidy } from '../../../ops/tidy.js';
import { filled, linearSpecs, normal, type ParameterSpec, type Weights } from '../../part.js';
import type { TagChain } from './chains.js';
import { OUTSIDE, tagCount } from './tags.js';

/** Share of units that are expected to be inside a span before anything is learned; of a chain, all its parts together. */
const PRIOR = 0.02;

export function crfSpecs({ output, parts }: TagChain, width: number): ParameterSpec[] {
  const prior = Math.log(((1 - PRIOR) / PRIOR) * (tagCount(output) - 1));
  return parts.flatMap((part) => partSpecs(part.output, width, prior / parts.length));
}

/** @param prior what O has above the other tags */
function partSpecs(output: Output, width: number, prior: number): ParameterSpec[] {
  const tags = tagCount(output);
  const name = `heads.${output.name}`;
  const bias = (size: number) =>
    Float32Array.from({ length: size }, (_, tag) => (tag === OUTSIDE ? prior : 0));
  return [
    ...linearSpecs(name, [tags, width], 'new', { bias: false }),
    { name: `${name}.bias`, shape: [tags], initial: bias, group: 'new' },
    { name: `${name}.transitions`, shape: [tags, tags], initial: normal, group: 'new' },
    { name: `${name}.start`, shape: [tags], initial: filled(0), group: 'new' },
    { name: `${name}.end`, shape: [tags], initial: filled(0), group: 'new' },
  ];
}

/** Scores of an output's tags: [n, tags] */
export function emissionsOf(name: string, features: tf.Tensor, weights: Weights): tf.Tensor {
  return linear(features, weights(`heads.${name}.weight`), weights(`heads.${name}.bias`));
}

/** Scores of its moves, [tags + 2, tags]: from each tag to each, at the start, at the end. */
export function movesOf(name: string, weights: Weights): tf.Tensor {
  return tidy(() => {
    const transitions = weights(`heads.${name}.transitions`);
    const [start, end] = ['start', 'end'].map((part) =>
      tf.reshape(weights(`heads.${name}.${part}`), [1, transitions.shape[1]!]),
    );
    return tf.concat([transitions, start!, end!], 0);
  });
}
