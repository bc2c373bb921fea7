import { createHash, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { precisionNow } from '../backend/precision.js';
import type { NormalizationConfig } from '../config/schema.js';
import { UsageError } from '../errors.js';
import { pooledEncoder } from '../normalize/embedders/pooledEncoder.js';
import type { Knowledge } from '../normalize/knowledge.js';
import { trainSentenceEncoder, type SentenceTraining } from '../train/sentenceEncoder.js';

/**
 * The folder of the encoder trained on this knowledge as the settings say: the one that an earlier training
 * left, else trained now, in a folder of its own until it is whole: runs side by side may need the same one. The
 * engine must have been started.
 */
export async function trainedEncoder(
  knowledge: Knowledge,
  { kind, weights, training, contexts }: NormalizationConfig['embedding'],
  options: Pick<SentenceTraining, 'seed' | 'onStep'>,
): Promise<string> {
  if (kind !== 'pooledEncoder')
    throw new UsageError(
      `normalization.embedding.training goes with kind pooledEncoder, not ${kind}: set training.epochs to 0, or name an encoder`,
    );
  const { folder: cache, ...settings } = training;
  const { name } = await pooledEncoder(weights); // tells weights apart
  const key = createHash('sha256')
    .update(JSON.stringify([name, precisionNow(), settings, contexts, options.seed, knowledge]))
    .digest('hex')
    .slice(0, 16);
  const folder = join(cache, key);
  const isWhole = () => existsSync(join(folder, 'modules.json'));
  if (isWhole()) return folder;
  const fresh = `${folder}.${randomUUID()}`;
  await mkdir(fresh, { recursive: true });
  try {
    await trainSentenceEncoder(fresh, knowledge, { weights, settings: training, contexts, ...options });
    if (!isWhole()) await rm(folder, { recursive: true, force: true }); // half of one
    await rename(fresh, folder).catch((error: unknown) => {
      if (!isWhole()) throw error; // else another run was faster
    });
    return folder;
  } finally {
    await rm(fresh, { recursive: true, force: true });
  }
}
