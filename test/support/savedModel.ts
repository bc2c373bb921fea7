import { join } from 'node:path';
import { configSchema } from '../../src/config/schema.js';
import type { EncoderConfig } from '../../src/model/encoders/family.js';
import { selectLayers } from '../../src/model/encoders/select.js';
import type { ModelSettings } from '../../src/formats/model.js';
import { saveModel } from '../../src/model/folder.js';
import { assemble, type Model } from '../../src/model/model.js';
import { openWeights } from '../../src/model/weights/open.js';
import { sizeOf } from '../../src/model/weights/weightFile.js';
import type { TinyEncoder } from './encoder.js';
import { fixtureFolder } from './fixtures.js';
import { randomNumbers } from './tensors.js';

/** How the saved encoder differs from the tiny one. */
export interface TinyChange {
  layers?: number[] | null;
  activation?: EncoderConfig['activation'];
  /** Words of its longest spans: its head is `spans` then. */
  longest?: number;
}

/**
 * Saves a model as a training does: the tiny encoder (some of its layers, perhaps with another activation)
 * under a BiLSTM and heads of random numbers.
 */
export async function saveTinyModel(
  folder: string,
  name: TinyEncoder,
  { layers = null, longest, ...change }: TinyChange = {},
): Promise<{ model: Model; settings: ModelSettings; values: Map<string, Float32Array> }> {
  const config = configSchema.parse({
    tasks: { ner: { folder: 'ner', labels: ['A', 'B'] }, class: { folder: 'class', labels: ['C'] } },
    data: { corpus: 'corpus', windowPieces: 48, windowStride: 32 }, // the encoder has 64 positions
    model: { lstmUnits: 4, head: longest && 'spans', spans: { longest } },
  });
  const { tasks, decoding } = config;
  const { windowPieces, windowStride } = config.data;
  const settings = {
    format: 1 as const,
    tasks,
    model: config.model,
    windows: { windowPieces, windowStride },
    decoding,
  };
  const opened = await openWeights(join(fixtureFolder, name));
  const encoder = selectLayers(opened, layers);
  const model = assemble({ ...encoder.config, ...change }, tasks, config.model);
  const values = new Map<string, Float32Array>();
  for (const { name: parameter, shape } of model.parameters)
    values.set(
      parameter,
      encoder.weights.entries.has(parameter)
        ? await encoder.weights.read(parameter)
        : randomNumbers(sizeOf(shape), values.size),
    );
  await opened.weights.close();
  const about = { settings, tokenizer: opened.tokenizer };
  await saveModel(folder, model, about, (parameter) => Promise.resolve(values.get(parameter)!));
  return { model, settings, values };
}
