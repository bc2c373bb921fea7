import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { precisionNow } from '../backend/precision.js';
import type { NormalizationConfig } from '../config/sections/normalization.js';
import type { Context } from '../context.js';
import { UsageError } from '../errors.js';
import { withLock } from '../files/holding.js';
import { removeLeftovers } from '../files/temporary.js';
import { writeFolder } from '../files/write.js';
import { pooledEncoder } from '../normalize/embedders/pooledEncoder.js';
import type { Knowledge } from '../normalize/knowledge.js';
import { trainSentenceEncoder } from '../train/sentenceEncoder.js';

/**
 * The folder of the encoder trained on this knowledge as the settings say: the one that an earlier training
 * left, else trained now, on from where one was stopped. Runs side by side that need the same one wait for it.
 * The engine must have been started.
 */
export async function trainedEncoder(
  knowledge: Knowledge,
  { kind, weights, training, contexts }: NormalizationConfig['embedding'],
  seed: number,
  context: Context,
): Promise<string> {
  if (kind !== 'pooledEncoder')
    throw new UsageError(
      `normalization.embedding.training goes with kind pooledEncoder, not ${kind}: set training.epochs to 0, or name an encoder`,
    );
  const { folder: cache, ...settings } = training;
  const { name } = await pooledEncoder(weights); // tells weights apart
  const key = createHash('sha256')
    .update(JSON.stringify([name, precisionNow(), settings, contexts, seed, knowledge]))
    .digest('hex')
    .slice(0, 16);
  const folder = join(cache, key);
  const isWhole = () => existsSync(join(folder, 'modules.json'));
  if (isWhole()) return folder;
  await mkdir(cache, { recursive: true });
  return withLock(`${folder}.lock`, 'training the same sentence encoder', context, async () => {
    if (isWhole()) return folder;
    await removeLeftovers(cache);
    await rm(folder, { recursive: true, force: true }); // half of one, by an earlier version
    const checkpoint = `${folder}.part`;
    const options = { weights, settings: training, contexts, seed, checkpoint };
    await writeFolder(folder, async (fresh) => {
      await trainSentenceEncoder(fresh, knowledge, options, context);
    });
    await rm(checkpoint, { recursive: true, force: true });
    return folder;
  });
}
