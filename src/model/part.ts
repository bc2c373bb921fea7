import type * as tf from '@tensorflow/tfjs-core';
import type { Random } from '../data/random.js';

/**
 * One parameter of a model. What is frozen, how fast it learns and how it is held follow from what stands here; no
 * other file asks for names.
 */
export interface ParameterSpec {
  /** In checkpoints; of an encoder's parameter Hugging Face's. */
  name: string;
  shape: number[];
  /** Values of a parameter that is in no file. */
  initial: Initial;
  group: Group;
  /**
   * words: the table with a row for every piece (in a masked-LM head a number for every piece), of which only those in
   * use are held while training.
   * factor: a factor of matrix products and nothing else, which may be held as they round it.
   */
  use?: 'words' | 'factor';
}

/** Where a parameter stands: in the encoder's embeddings, in its layer of that number, or above what is pretrained. */
export type Group = 'embeddings' | number | 'new';

export type Initial = (size: number, random: Random) => Float32Array;

/** Which parts of the encoder are trained; what is above it always is. */
export interface Trainable {
  embeddings: boolean;
  layers: boolean[];
}

/** The value of a parameter by its name. */
export type Weights = (name: string) => tf.Tensor;
export type Gradients = Map<string, tf.Tensor>;

export function isTrained({ group }: ParameterSpec, { embeddings, layers }: Trainable): boolean {
  if (group === 'new') return true;
  return group === 'embeddings' ? embeddings : layers[group]!;
}

/** Whether weight decay holds for a parameter: not for biases and norms. */
export function decays({ shape }: Pick<ParameterSpec, 'shape'>): boolean {
  return shape.length >= 2;
}

/** The table of pieces among an encoder's parameters. */
export function wordTable(parameters: readonly ParameterSpec[]): ParameterSpec {
  return parameters.find(({ use }) => use === 'words')!;
}

const DEVIATION = 0.02; // of BERT's own initialisation

export const filled =
  (value: number): Initial =>
  (size) =>
    new Float32Array(size).fill(value);

/** Normal numbers as BERT starts with (Box & Muller 1958). */
export const normal: Initial = (size, random) =>
  Float32Array.from(
    { length: size },
    () => DEVIATION * (Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next())),
  );

/** Evenly between -bound and bound. */
export const uniform =
  (bound: number): Initial =>
  (size, random) =>
    Float32Array.from({ length: size }, () => (2 * random.next() - 1) * bound);

/** A linear layer in PyTorch's layout: weight [out, inputs] and, unless said otherwise, bias [out]. */
export function linearSpecs(
  name: string,
  [out, inputs]: [number, number],
  group: Group,
  { bias = true, prior = 0 } = {},
): ParameterSpec[] {
  const weight: ParameterSpec = {
    name: `${name}.weight`,
    shape: [out, inputs],
    initial: normal,
    group,
    use: 'factor',
  };
  if (!bias) return [weight];
  return [weight, { name: `${name}.bias`, shape: [out], initial: filled(prior), group }];
}

/** A layer normalisation, which starts as the identity. */
export function normSpecs(name: string, width: number, group: Group, { bias = true } = {}): ParameterSpec[] {
  const weight: ParameterSpec = { name: `${name}.weight`, shape: [width], initial: filled(1), group };
  if (!bias) return [weight];
  return [weight, { name: `${name}.bias`, shape: [width], initial: filled(0), group }];
}

/** A table of which rows are taken. */
export function tableSpec(
  name: string,
  shape: [number, number],
  use?: 'words',
  group: Group = 'embeddings',
): ParameterSpec {
  return { name, shape, initial: normal, group, use };
}
