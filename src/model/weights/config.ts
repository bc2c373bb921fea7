import { access, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { firstIssue } from '../../config/issue.js';
import { InputError } from '../../errors.js';

/** What an encoder looks like, by the names of the field, whatever its config file called them. */
export interface EncoderConfig {
  type: 'distilbert' | 'bert';
  hidden: number;
  layers: number;
  heads: number;
  intermediate: number;
  vocabularySize: number;
  /** Longest sequence that has position embeddings. */
  positions: number;
  /** 0 for DistilBERT, which has no token types. */
  typeVocabularySize: number;
  layerNormEpsilon: number;
  activation: Activation;
}

const activation = z.enum(['gelu', 'gelu_new', 'gelu_pytorch_tanh', 'relu']);
/** gelu is the exact one (erf); gelu_new and gelu_pytorch_tanh are its tanh approximation. */
export type Activation = z.output<typeof activation>;

const count = z.int().positive();

const distilbertSchema = z
  .object({
    dim: count,
    hidden_dim: count,
    n_heads: count,
    n_layers: count,
    vocab_size: count,
    max_position_embeddings: count,
    activation: activation.default('gelu'),
  })
  .transform((config): EncoderConfig => ({
    type: 'distilbert',
    hidden: config.dim,
    layers: config.n_layers,
    heads: config.n_heads,
    intermediate: config.hidden_dim,
    vocabularySize: config.vocab_size,
    positions: config.max_position_embeddings,
    typeVocabularySize: 0,
    layerNormEpsilon: 1e-12,
    activation: config.activation,
  }));

const bertSchema = z
  .object({
    hidden_size: count,
    intermediate_size: count,
    num_attention_heads: count,
    num_hidden_layers: count,
    vocab_size: count,
    max_position_embeddings: count,
    type_vocab_size: count.default(2),
    layer_norm_eps: z.number().positive().default(1e-12),
    hidden_act: activation.default('gelu'),
    position_embedding_type: z.literal('absolute').default('absolute'),
    is_decoder: z.literal(false).default(false),
  })
  .transform((config): EncoderConfig => ({
    type: 'bert',
    hidden: config.hidden_size,
    layers: config.num_hidden_layers,
    heads: config.num_attention_heads,
    intermediate: config.intermediate_size,
    vocabularySize: config.vocab_size,
    positions: config.max_position_embeddings,
    typeVocabularySize: config.type_vocab_size,
    layerNormEpsilon: config.layer_norm_eps,
    activation: config.hidden_act,
  }));

/**
 * Reads a folder's config.json (Hugging Face) or bert_config.json (Google).
 * @throws InputError where there is neither, or the model is neither DistilBERT nor BERT
 */
export async function readEncoderConfig(folder: string): Promise<{ file: string; config: EncoderConfig }> {
  for (const name of ['config.json', 'bert_config.json']) {
    const file = join(folder, name);
    if (await exists(file)) return { file, config: parseEncoderConfig(await readJson(file), file) };
  }
  if (!(await exists(folder))) throw new InputError(`${folder} does not exist: fetch a model into it first`);
  throw new InputError(`${folder} is no model: it has neither config.json nor bert_config.json`);
}

export function parseEncoderConfig(json: unknown, file: string): EncoderConfig {
  const type = modelType(json);
  if (type !== 'distilbert' && type !== 'bert')
    throw new InputError(
      type
        ? `${file}: the model is of type ${type}; only distilbert and bert can be read`
        : `${file}: model_type is missing; it must be distilbert or bert`,
    );
  const parsed = (type === 'bert' ? bertSchema : distilbertSchema).safeParse(json);
  if (!parsed.success)
    throw new InputError(
      `${file}: ${firstIssue(parsed.error)}, and the model is of type ${type}: copy the file from the model again`,
    );
  const { hidden, heads } = parsed.data;
  if (hidden % heads)
    throw new InputError(`${file}: ${heads} attention heads do not divide a width of ${hidden}`);
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

/** @throws InputError where the file cannot be read or is no JSON */
export async function readJson(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, 'utf8'));
  } catch (error) {
    throw new InputError(`${file} is no readable JSON: ${(error as Error).message}`);
  }
}

export async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
