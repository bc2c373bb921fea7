import { join } from 'node:path';
import { z } from 'zod';
import { firstIssue } from '../../files/issue.js';
import { readJson } from '../../files/json.js';
import { exists } from '../../files/text.js';
import { InputError } from '../../errors.js';
import type { EncoderConfig } from './family.js';
import { familyOfType, knownTypes } from './registry.js';

/**
 * Reads a folder's config.json (Hugging Face) or bert_config.json (Google).
 * @throws InputError where there is neither, or the model is of no family that is known
 */
export async function readEncoderConfig(folder: string): Promise<{ file: string; config: EncoderConfig }> {
  for (const name of ['config.json', 'bert_config.json']) {
    const file = join(folder, name);
    if (!(await exists(file))) continue;
    const json = await readJson(file, z.looseObject({}), "a model's config", ADVICE);
    return { file, config: parseEncoderConfig(json, file) };
  }
  if (!(await exists(folder))) throw new InputError(`${folder} does not exist: fetch a model into it first`);
  throw new InputError(`${folder} is no model: it has neither config.json nor bert_config.json`);
}

const ADVICE = 'copy the file from the model again';

/** @throws InputError naming the file and what is wrong with it */
export function parseEncoderConfig(json: unknown, file: string): EncoderConfig {
  const type = modelType(json);
  const family = type === undefined ? undefined : familyOfType(type);
  if (!family)
    throw new InputError(
      type === undefined
        ? `${file}: model_type is missing; it must be one of ${knownTypes.join(', ')}`
        : `${file}: the model is of type ${type}; only ${knownTypes.join(', ')} can be read`,
    );
  const parsed = family.schema.safeParse({ ...(json as object), model_type: type });
  if (!parsed.success)
    throw new InputError(
      `${file}: ${firstIssue(parsed.error)}, and the model is of type ${type}: copy the file from the model again`,
    );
  const { hidden, attentionHeads } = parsed.data;
  if (hidden % attentionHeads)
    throw new InputError(`${file}: ${attentionHeads} attention heads do not divide a width of ${hidden}`);
  const problem = family.problem?.(parsed.data);
  if (problem) throw new InputError(`${file}: ${problem}`);
  return parsed.data;
}

/** Configs from before model_type existed are told by their architecture or by their keys. */
function modelType(json: unknown): string | undefined {
  const config = (json ?? {}) as Record<string, unknown>;
  if (typeof config.model_type === 'string') return config.model_type;
  const architecture = Array.isArray(config.architectures) ? String(config.architectures[0]) : '';
  const known = /^(DistilBert|Bert)(Model|For)/.exec(architecture)?.[1];
  if (known) return known.toLowerCase();
  if (architecture) return architecture;
  if ('dim' in config) return 'distilbert';
  return 'hidden_size' in config ? 'bert' : undefined;
}
