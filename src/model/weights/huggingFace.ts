import { join } from 'node:path';
import { z } from 'zod';
import { readJson } from '../../files/json.js';
import { recordOf } from '../../files/recordOf.js';
import { exists } from '../../files/text.js';
import { InputError } from '../../errors.js';
import type { EncoderConfig } from '../encoders/family.js';
import { familyOf } from '../encoders/registry.js';
import { openSafetensors } from './safetensors.js';
import { joinWeights, viewWeights, type View, type WeightFile } from './weightFile.js';

/** Opens model.safetensors, or the shards that model.safetensors.index.json lists. Undefined: neither is there. */
export async function openHuggingFace(
  folder: string,
  config: EncoderConfig,
): Promise<WeightFile | undefined> {
  const file = join(folder, 'model.safetensors');
  const index = `${file}.index.json`;
  if (await exists(file)) return normaliseNames(await openSafetensors(file), config);
  if (await exists(index)) return normaliseNames(await openShards(folder, index), config);
  return undefined;
}

const indexSchema = z.object({ weight_map: recordOf(z.string(), z.string()) });

/** The shards that an index lists. @throws InputError where the index and a shard disagree */
async function openShards(folder: string, index: string): Promise<WeightFile> {
  const { weight_map: map } = await readJson(
    index,
    indexSchema,
    'a list of shards',
    'copy the file from the model again',
  );
  const files = Object.entries(map);
  if (!files.length)
    throw new InputError(`${index}: weight_map is empty; copy the file from the model again`);
  const shards = new Map<string, WeightFile>();
  const close = async () => void (await Promise.all([...shards.values()].map((shard) => shard.close())));
  try {
    const homes = new Map<string, WeightFile>();
    for (const [tensor, name] of files) {
      if (!/^[^/\\]+\.safetensors$/.test(name))
        throw new InputError(
          `${index}: ${tensor} is said to be in ${JSON.stringify(name)}, which is no file name`,
        );
      if (!shards.has(name)) shards.set(name, await openSafetensors(join(folder, name)));
      homes.set(tensor, shards.get(name)!);
    }
    return joinWeights(index, homes, close);
  } catch (error) {
    await close();
    throw error;
  }
}

/**
 * Today's names for what older or bare files hold: the encoder's prefix where it is missing, weight and
 * bias for gamma and beta, and what the family renames; buffers that are no parameters are left out.
 */
function normaliseNames(weights: WeightFile, config: EncoderConfig): WeightFile {
  const family = familyOf(config);
  const { prefix } = family;
  const bare = ![...weights.entries.keys()].some((name) => name.startsWith(`${prefix}.`));
  const own = new Set([
    ...family.parameters(config).map(({ name }) => name),
    ...family.optional(config).keys(),
  ]);
  const views = new Map<string, View>();
  for (const from of weights.entries.keys()) {
    let name = from.replace(/(norm)\.gamma$/i, '$1.weight').replace(/(norm)\.beta$/i, '$1.bias');
    if (bare && own.has(`${prefix}.${name}`)) name = `${prefix}.${name}`;
    if (/(^|\.)embeddings\.(position_ids|token_type_ids)$/.test(name)) continue;
    name = family.rename?.(name) ?? name;
    if (!views.has(name) || from === name) views.set(name, { from });
  }
  return viewWeights(weights, views);
}
