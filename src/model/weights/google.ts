import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { exists } from '../../files/text.js';
import { InputError } from '../../errors.js';
import { openTensorflowCheckpoint } from './checkpoint.js';
import type { EncoderConfig } from '../encoders/family.js';
import { familyOf } from '../encoders/registry.js';
import { viewWeights, type View, type WeightFile } from './weightFile.js';

/**
 * Opens an encoder that TensorFlow saved: a checkpoint in the folder (Google's releases) or in its
 * `variables` (a SavedModel). Undefined: there is none.
 */
export async function openGoogle(folder: string, config: EncoderConfig): Promise<WeightFile | undefined> {
  const prefix = await findCheckpoint(folder);
  if (!prefix) return undefined;
  const { checkpointName } = familyOf(config);
  if (!checkpointName)
    throw new InputError(
      `${prefix}.index: a ${config.type} is read from safetensors only, not from a checkpoint`,
    );
  const checkpoint = await openTensorflowCheckpoint(prefix);
  const views = new Map<string, View>();
  for (const from of checkpoint.entries.keys()) {
    const name = checkpointName(from);
    if (name) views.set(name, { from, transpose: from.endsWith('/kernel') });
  }
  return viewWeights(checkpoint, views);
}

async function findCheckpoint(folder: string): Promise<string | undefined> {
  for (const home of [folder, join(folder, 'variables')]) {
    const files = (await exists(home)) ? await readdir(home) : [];
    const indices = files.filter((file) => file.endsWith('.index'));
    if (indices.length > 1)
      throw new InputError(
        `${home} has several checkpoints (${indices.sort().join(', ')}): keep one of them`,
      );
    if (indices[0]) return join(home, indices[0].slice(0, -'.index'.length));
  }
  return undefined;
}
