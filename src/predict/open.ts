import * as tf from '@tensorflow/tfjs-core';
import type { Context } from '../context.js';
import type { ModelSettings } from '../formats/model.js';
import { openCheckpoint } from '../model/folder.js';
import { asUsed, loadTensors } from '../model/loadTensors.js';
import { compilerHere } from '../ops/compiler.js';
import { openGate } from './gate.js';
import type { Predictor } from './predictor.js';

export interface OpenedPredictor extends Predictor {
  settings: ModelSettings;
  dispose(): void;
}

export interface OpenOptions {
  /** Windows per batch. */
  batchSize?: number;
  /** Read no window to its end in which the checkpoint's gate finds nothing. */
  earlyExit?: boolean;
}

/**
 * Puts the model of a checkpoint folder on the engine; people are told where batches cannot be compiled.
 * @throws InputError naming the file that is damaged, or a checkpoint without the gate that is asked for
 */
export async function openPredictor(
  folder: string,
  { batchSize = 16, earlyExit = false }: OpenOptions,
  context: Context,
): Promise<OpenedPredictor> {
  const { model, settings, weights, tokenizer } = await openCheckpoint(folder);
  const loaded = await loadTensors(weights, model.parameters, asUsed).finally(() => weights.close());
  const gate = earlyExit ? await orDispose(openGate(folder, model), loaded) : undefined;
  const compiler = compilerHere(context);
  return {
    model,
    settings,
    weights: loaded.weights,
    tokenizer,
    windows: settings.windows,
    decoding: settings.decoding,
    batchSize,
    signal: context.signal,
    compiler,
    gate,
    dispose() {
      loaded.dispose();
      if (gate) tf.dispose({ ...gate.weights });
      compiler?.dispose();
    },
  };
}

async function orDispose<T>(opening: Promise<T>, loaded: { dispose(): void }): Promise<T> {
  return opening.catch((error: unknown) => {
    loaded.dispose();
    throw error;
  });
}
