import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError } from '../../errors.js';
import { openTensorflowCheckpoint } from './checkpoint.js';
import { exists, type EncoderConfig } from './config.js';
import { viewWeights, type View, type WeightFile } from './weightFile.js';

/**
 * Opens a BERT that TensorFlow saved: a checkpoint in the folder (Google's releases) or in its
 * `variables` (a SavedModel). Undefined: there is none.
 */
export async function openGoogle(folder: string, config: EncoderConfig): Promise<WeightFile | undefined> {
  const prefix = await findCheckpoint(folder);
  if (!prefix) return undefined;
  if (config.type !== 'bert')
    throw new InputError(
      `${prefix}.index: a ${config.type} is read from safetensors only, not from a checkpoint`,
    );
  const checkpoint = await openTensorflowCheckpoint(prefix);
  const views = new Map<string, View>();
  for (const from of checkpoint.entries.keys()) {
    const name = huggingFaceName(from);
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

/**
 * Hugging Face's name of a variable of Google's BERT; undefined for what is no parameter of the encoder
 * or of its masked-LM head (Adam's moments, the step, next sentence prediction).
 */
export function huggingFaceName(variable: string): string | undefined {
  const path = variable.replace(/^module\//, '');
  if (!/^(bert|cls\/predictions)\//.test(path) || /\/adam_[mv]$/.test(path)) return undefined;
  return path
    .replace(/\/layer_(\d+)\//, '/layer/$1/')
    .replace(/\/(gamma|kernel)$/, '/weight')
    .replace(/(_embeddings)$/, '$1/weight')
    .replace(/\/(beta|output_bias)$/, '/bias')
    .replaceAll('/', '.');
}
