import { join } from 'node:path';
import { type Config, configSchema } from '../../src/config/schema.js';
import { generateCorpus } from '../../src/demo/generate.js';
import { demoTasks, writeDemoCorpus } from '../../src/demo/write.js';

/** Parts of a config, as a config file has them. */
export type ConfigParts = { [section: string]: unknown };

/**
 * Invents a corpus in `folder` and returns a config that trains a tiny model on it in a few seconds.
 * `changes` are laid over it, section by section.
 */
export async function tinyRun(
  folder: string,
  changes: ConfigParts = {},
  documents = 12,
): Promise<{ config: Config; corpus: string; out: string }> {
  const { corpus, split } = await writeDemoCorpus(folder, generateCorpus({ seed: 3, documents }));
  const config = tinyConfig({ ...changes, data: { corpus, split, ...(changes.data as object) } });
  return { config, corpus, out: join(folder, 'run') };
}

/** A config of a tiny model with every default filled in; `changes` need `data.corpus`. */
export function tinyConfig({ data, model, training, ...others }: ConfigParts): Config {
  return configSchema.parse({
    tasks: demoTasks,
    encoder: { random: { hidden: 16, layers: 2, heads: 2, intermediate: 32, vocabularySize: 300 } },
    ...others,
    data: { windowPieces: 64, windowStride: 48, ...(data as object) },
    model: { lstmUnits: 8, ...(model as object) },
    training: {
      batchSize: 8,
      epochs: { count: 2, rate: 1e-3 },
      warmupSteps: 5,
      headRateFactor: 5,
      logSteps: 3,
      checkpointSteps: 1000,
      ...(training as object),
    },
    backend: { engine: 'auto', ...(others.backend as object) },
  });
}
