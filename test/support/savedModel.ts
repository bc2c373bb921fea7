import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { configSchema } from '../../src/config/schema.js';
import { heads } from '../../src/data/labels.js';
import { saveModel, type ModelSettings } from '../../src/model/folder.js';
import { jointShapes, type JointConfig } from '../../src/model/joint.js';
import { selectLayers } from '../../src/model/selectLayers.js';
import type { EncoderConfig } from '../../src/model/weights/config.js';
import { openWeights } from '../../src/model/weights/open.js';
import { sizeOf } from '../../src/model/weights/weightFile.js';
import type { TinyEncoder } from './encoder.js';
import { fixtureFolder } from './fixtures.js';
import { randomNumbers } from './tensors.js';

/** How the saved encoder differs from the tiny one. */
export interface TinyChange {
  layers?: number[] | null;
  activation?: EncoderConfig['activation'];
}

/**
 * Saves a model as a training does: the tiny encoder (some of its layers, perhaps with another activation)
 * under a BiLSTM and heads of random numbers.
 */
export async function saveTinyModel(
  folder: string,
  name: TinyEncoder,
  { layers = null, ...change }: TinyChange = {},
): Promise<{ config: JointConfig; settings: ModelSettings; values: Map<string, Float32Array> }> {
  const { tasks, model, data, decoding } = configSchema.parse({
    tasks: { ner: { folder: 'ner', labels: ['A', 'B'] }, class: { folder: 'class', labels: ['C'] } },
    data: { corpus: 'corpus', windowPieces: 48, windowStride: 32 }, // the encoder has 64 positions
    model: { lstmUnits: 4 },
  });
  const { windowPieces, windowStride } = data;
  const settings = { format: 1 as const, tasks, model, windows: { windowPieces, windowStride }, decoding };
  const opened = await openWeights(join(fixtureFolder, name));
  const encoder = selectLayers(opened, layers);
  const config: JointConfig = {
    encoder: { ...encoder.config, ...change },
    heads: heads(tasks, model.scheme, model.outputs),
    units: model.lstmUnits,
  };
  const values = new Map<string, Float32Array>();
  for (const [parameter, shape] of jointShapes(config))
    values.set(
      parameter,
      encoder.weights.entries.has(parameter)
        ? await encoder.weights.read(parameter)
        : randomNumbers(sizeOf(shape), values.size),
    );
  await opened.weights.close();
  const vocabulary = readFileSync(opened.vocabularyFile, 'utf8').trimEnd().split('\n');
  const saved = { config, settings, vocabulary, lowercase: opened.lowercase };
  await saveModel(folder, saved, (parameter) => Promise.resolve(values.get(parameter)!));
  return { config, settings, values };
}
