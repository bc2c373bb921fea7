import * as tf from '@tensorflow/tfjs-core';
import type { ParameterSpec, Weights } from './part.js';
import type { WeightFile } from './weights/weightFile.js';

/** Puts parameters on the engine, one after the other. @throws InputError where one is not in the file */
export async function loadTensors(
  file: WeightFile,
  parameters: readonly Pick<ParameterSpec, 'name' | 'shape'>[],
): Promise<{ weights: Weights; tensors: tf.Tensor[]; dispose(): void }> {
  const tensors = new Map<string, tf.Tensor>();
  const dispose = () => tf.dispose([...tensors.values()]);
  try {
    for (const { name, shape } of parameters)
      tensors.set(name, tf.tensor(await file.read(name), shape, 'float32'));
  } catch (error) {
    dispose();
    throw error;
  }
  return { weights: (name) => tensors.get(name)!, tensors: [...tensors.values()], dispose };
}
