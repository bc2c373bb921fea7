import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { precisionNow } from '../backend/precision.js';
import type { NormalizationConfig } from '../config/schema.js';
import { UsageError } from '../errors.js';
import { pooledEncoder } from '../normalize/embedders/pooledEncoder.js';
import type { Knowledge } from '../normalize/knowledge.js';
import { replaceFolder } from '../train/checkpoint.js';
import { trainSentenceEncoder, type SentenceTraining } from '../train/sentenceEncoder.js';

/**
 * The folder of the encoder trained on this knowledge as the settings say: the one that an earlier training
 * left, else trained now. One that was cut off begins anew. The engine must have been started.
 */
export async function trainedEncoder(
  knowledge: Knowledge,
  { kind, weights, training, contexts }: NormalizationConfig['embedding'],
  options: Pick<SentenceTraining, 'seed' | 'onStep'>,
): Promise<string> {
  if (kind !== 'pooledEncoder')
    throw new UsageError(
      `normalization.embedding.training goes with kind pooledEncoder, not ${kind}: set training.epochs to 0, or name a BERT or DistilBERT`,
    );
  const { folder: cache, ...settings } = training;
  const { name } = await pooledEncoder(weights); // tells weights apart
  const key = createHash('sha256')
    .update(JSON.stringify([name, precisionNow(), settings, contexts, options.seed, knowledge]))
    .digest('hex')
    .slice(0, 16);
  const folder = join(cache, key);
  if (existsSync(join(folder, 'modules.json'))) return folder;
  await rm(folder, { recursive: true, force: true });
  await replaceFolder(folder, (fresh) =>
    trainSentenceEncoder(fresh, knowledge, { weights, settings: training, contexts, ...options }),
  );
  return folder;
}
