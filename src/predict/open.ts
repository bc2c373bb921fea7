import type { Context } from '../context.js';
import type { ModelSettings } from '../formats/model.js';
import { openCheckpoint } from '../model/folder.js';
import { asUsed, loadTensors } from '../model/loadTensors.js';
import { compilerHere } from '../ops/compiler.js';
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
  const loaded = await loadTensors(weights, model.parameters, asUsed).finally(() => weights.close());
  const compiler = compile ? compilerHere(context) : undefined;
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
    dispose() {
      loaded.dispose();
      compiler?.dispose();
    },
  };
}
