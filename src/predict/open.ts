import * as tf from '@tensorflow/tfjs-core';
import type { Context } from '../context.js';
import type { ModelSettings } from '../formats/model.js';
import { openCheckpoint } from '../model/folder.js';
import { compilerHere } from '../ops/compiler.js';
import { asFactor } from '../ops/product.js';
import type { Predictor } from './predict.js';

export interface OpenedPredictor extends Predictor {
  settings: ModelSettings;
  dispose(): void;
}

export interface OpenOptions {
  /** Windows per batch. */
  batchSize?: number;
  /** Run frequent batches as single calls, where the engine can. */
  compile?: boolean;
}

/**
 * Puts the model of a checkpoint folder on the engine; people are told where batches cannot be compiled.
 * @throws InputError naming the file that is damaged
 */
export async function openPredictor(
  folder: string,
  { batchSize = 16, compile = true }: OpenOptions,
  context: Context,
): Promise<OpenedPredictor> {
  const { model, settings, weights, tokenizer } = await openCheckpoint(folder);
  const tensors = new Map<string, tf.Tensor>();
  const compiler = compile ? compilerHere(context) : undefined;
  const dispose = () => {
    tf.dispose([...tensors.values()]);
    compiler?.dispose();
  };
  try {
    for (const { name, shape, use } of model.parameters) {
      const weight = tf.tensor(await weights.read(name), shape, 'float32');
      tensors.set(name, use === 'factor' ? asFactor(weight) : weight);
    }
  } catch (error) {
    dispose();
    throw error;
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
    signal: context.signal,
    compiler,
    dispose,
  };
}
