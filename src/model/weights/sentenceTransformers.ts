import { join } from 'node:path';
import { z } from 'zod';
import { readJson } from '../../files/json.js';
import { readSettings } from '../../data/tokenizers/special.js';
import type { Tokenizer } from '../../data/tokenizers/tokenizer.js';
import { shown } from '../../files/shown.js';
import { exists } from '../../files/text.js';
import { InputError } from '../../errors.js';
import type { EncoderConfig } from '../encoders/family.js';
import { familyOf } from '../encoders/registry.js';
import { linearSpecs, type ParameterSpec } from '../part.js';
import { openDense, type DenseLayer } from './dense.js';
import { openWeights } from './open.js';
import { readModules } from './sentenceModules.js';
import { joinWeights, type WeightFile } from './weightFile.js';

/** mean: over all pieces, [CLS] and [SEP] too. cls: the first piece's state. max: of every dimension. */
export type PoolingMode = 'mean' | 'cls' | 'max';

/** A sentence encoder as sentence-transformers builds it (Reimers & Gurevych 2019). */
export interface SentenceEncoderConfig {
  encoder: EncoderConfig;
  pooling: PoolingMode;
  /** What follows the pooling, in turn. */
  layers: (DenseLayer | { kind: 'normalize' })[];
}

export interface OpenedSentenceEncoder {
  config: SentenceEncoderConfig;
  /** Parameters of all modules: the encoder's by Hugging Face's names, a Dense's by its folder's. Close it when done. */
  weights: WeightFile;
  tokenizer: Tokenizer;
  /** sentence-transformers' own do_lower_case: accents stay. */
  lowercaseText: boolean;
  /** Pieces of the longest sentence, [CLS] and [SEP] included; longer ones are cut. */
  mostPieces: number;
}

/**
 * Opens a folder that sentence-transformers has saved: modules.json lists a Transformer, a
 * Pooling, and any number of Dense and Normalize modules, each with its folder.
 * @param options whether sentences come with the model's default prompt
 * @throws InputError naming the file where it is something else, or where one module does not fit the next
 * @see https://www.sbert.net/docs/sentence_transformer/usage/custom_models.html
 */
export async function openSentenceTransformers(
  folder: string,
  { prompted = false } = {},
): Promise<OpenedSentenceEncoder> {
  const [transformer, pooling, ...rest] = await readModules(folder);
  if (!prompted) await refusePrompt(join(folder, 'config_sentence_transformers.json'));
  const opened = await openWeights(transformer!.folder);
  const files = [opened.weights];
  const close = async () => void (await Promise.all(files.map((file) => file.close())));
  try {
    const { hidden, positions } = opened.config;
    const mode = await readPooling(join(pooling!.folder, 'config.json'), hidden);
    const layers: SentenceEncoderConfig['layers'] = [];
    let width = hidden;
    for (const module of rest) {
      if (module.type === 'Normalize') {
        layers.push({ kind: 'normalize' });
        continue;
      }
      const { layer, weights } = await openDense(module, width);
      files.push(weights);
      layers.push(layer);
      width = layer.out;
    }
    // no two modules have the name of a tensor in common
    const homes = new Map(files.flatMap((file) => [...file.entries.keys()].map((name) => [name, file])));
    return {
      config: { encoder: opened.config, pooling: mode, layers },
      weights: joinWeights(opened.weights.file, homes, close),
      tokenizer: opened.tokenizer,
      ...(await readLimits(transformer!.folder, positions)),
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** Every parameter of a sentence encoder. */
export function sentenceEncoderParameters({ encoder, layers }: SentenceEncoderConfig): ParameterSpec[] {
  const dense = layers.flatMap((layer) =>
    layer.kind === 'dense'
      ? linearSpecs(layer.name, [layer.out, layer.inputs], 'new', { bias: layer.bias })
      : [],
  );
  return [...familyOf(encoder).parameters(encoder), ...dense];
}

const ADVICE = 'copy the file from the model again';

/** A prompt would be put before every sentence. */
async function refusePrompt(file: string): Promise<void> {
  if (!(await exists(file))) return;
  const schema = z.object({ default_prompt_name: z.unknown() });
  const { default_prompt_name: prompt } = await readJson(file, schema, 'settings of a model', ADVICE);
  if (prompt !== undefined && prompt !== null)
    throw new InputError(
      `${file}: the prompt ${shown(prompt)} goes before every sentence: give its text as ` +
        'normalization.embedding.prefix, or set default_prompt_name to null to embed without it',
    );
}

/** Both spellings of the config: flags of the modes, or (since sentence-transformers 6) a mode's name. */
const poolingSchema = z.looseObject({
  word_embedding_dimension: z.int().positive().optional(),
  embedding_dimension: z.int().positive().optional(),
  pooling_mode: z.union([z.string(), z.array(z.string())]).optional(),
});

async function readPooling(file: string, hidden: number): Promise<PoolingMode> {
  const json = await readJson(file, poolingSchema, 'a Pooling module', ADVICE);
  const { pooling_mode: named, ...dimensions } = json;
  const width = dimensions.word_embedding_dimension ?? dimensions.embedding_dimension ?? hidden;
  if (width !== hidden)
    throw new InputError(
      `${file}: it pools vectors of ${width} numbers, but the Transformer before it gives ${hidden}: ` +
        'they belong to different models; fetch the whole folder again',
    );
  const flags = Object.entries(json).filter(([key, value]) => key.startsWith('pooling_mode_') && value);
  const modes = named === undefined ? flags.map(([key]) => modeOf(key)) : [named].flat();
  const [mode] = modes;
  if (modes.length === 1 && (mode === 'mean' || mode === 'cls' || mode === 'max')) return mode;
  throw new InputError(
    `${file}: it pools by ${modes.join(' and ') || 'nothing'}; only one of mean, cls and max can be read: ` +
      'choose a model that pools so',
  );
}

/** pooling_mode_mean_tokens → mean */
function modeOf(flag: string): string {
  return flag.replace('pooling_mode_', '').replace(/^(mean|cls|max)_tokens?$/, '$1');
}

/** What sentence_bert_config.json says, else tokenizer_config.json; no more than the encoder has positions for. */
async function readLimits(folder: string, positions: number) {
  const file = join(folder, 'sentence_bert_config.json');
  const schema = z.object({
    max_seq_length: z.int().min(3).nullish(),
    do_lower_case: z.boolean().nullish(),
  });
  const limits: z.output<typeof schema> = (await exists(file))
    ? await readJson(file, schema, 'the limits of a model', ADVICE)
    : {};
  const { config } = await readSettings(folder);
  const longest = config.model_max_length;
  const limit = limits.max_seq_length ?? (typeof longest === 'number' && longest >= 3 ? longest : positions);
  return { mostPieces: Math.min(limit, positions), lowercaseText: limits.do_lower_case ?? false };
}
