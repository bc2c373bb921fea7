import * as tf from '@tensorflow/tfjs-core';
import { openModel, type ModelSettings } from '../model/folder.js';
import { compilerHere } from '../ops/compiler.js';
import { asFactor } from '../ops/product.js';
import type { Predictor } from './predict.js';

export interface OpenedPredictor extends Predictor {
  settings: ModelSettings;
  dispose(): void;
}

/**
 * Puts the model of a checkpoint folder on the engine; `onNotice` is told where batches cannot be compiled.
 * @throws InputError naming the file that is damaged
 */
export async function openPredictor(
  folder: string,
  batchSize = 16,
  onNotice: (text: string) => void = () => {},
): Promise<OpenedPredictor> {
  const { model, settings, weights, tokenizer } = await openModel(folder);
  const compiler = compilerHere(onNotice, { fixedScalars: true });
  const tensors = new Map<string, tf.Tensor>();
  try {
    for (const { name, shape, use } of model.parameters) {
      const weight = tf.tensor(await weights.read(name), shape, 'float32');
      tensors.set(name, use === 'factor' ? asFactor(weight) : weight);
    }
  } finally {
    await weights.close();
  }
  return {
    model,
    settings,
    weights: (name) => tensors.get(name)!,
    tokenizer,
    windows: settings.windows,
    decoding: settings.decoding,
    batchSize,
    ...(compiler && { compiler }),
    dispose() {
      tf.dispose([...tensors.values()]);
      compiler?.dispose();
    },
  };
}
