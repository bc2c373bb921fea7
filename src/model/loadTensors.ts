import * as tf from '@tensorflow/tfjs-core';
import { asFactor } from '../ops/product.js';
import type { ParameterSpec, Weights } from './part.js';
import type { WeightFile } from './weights/weightFile.js';

/** Puts parameters on the engine, one after the other. @throws InputError where one is not in the file */
export async function loadTensors<Spec extends Pick<ParameterSpec, 'name' | 'shape'>>(
  file: Pick<WeightFile, 'read'>,
  parameters: readonly Spec[],
  put: (values: Float32Array, spec: Spec) => tf.Tensor = plain,
): Promise<{ weights: Weights; tensors: tf.Tensor[]; dispose(): void }> {
  const tensors = new Map<string, tf.Tensor>();
  const dispose = () => tf.dispose([...tensors.values()]);
  try {
    for (const spec of parameters) tensors.set(spec.name, put(await file.read(spec.name), spec));
  } catch (error) {
    dispose();
    throw error;
  }
  return { weights: (name) => tensors.get(name)!, tensors: [...tensors.values()], dispose };
}

/** As it is in the file. */
function plain(values: Float32Array, { shape }: Pick<ParameterSpec, 'shape'>): tf.Tensor {
  return tf.tensor(values, shape, 'float32');
}

/** A factor of matrix products as these round it, anything else as it is in the file. */
export function asUsed(values: Float32Array, spec: Pick<ParameterSpec, 'shape' | 'use'>): tf.Tensor {
  const tensor = plain(values, spec);
  return spec.use === 'factor' ? asFactor(tensor) : tensor;
}
