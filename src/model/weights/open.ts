import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError } from '../../errors.js';
import { readEncoderConfig } from '../encoders/config.js';
import type { EncoderConfig } from '../encoders/family.js';
import { checkShapes } from './check.js';
import { openGoogle } from './google.js';
import { openHuggingFace } from './huggingFace.js';
import { exists, readJson } from './json.js';
import type { WeightFile } from './weightFile.js';

export interface OpenedWeights {
  config: EncoderConfig;
  /** Hugging Face's names, linear weights [out, in], whatever the file was. Close it when done. */
  weights: WeightFile;
  vocabularyFile: string;
  lowercase: boolean;
}

/**
 * Opens a folder with a pretrained encoder: Hugging Face's (config.json, vocab.txt,
 * model.safetensors) or Google's (bert_config.json, vocab.txt, a TensorFlow checkpoint).
 * @param vocabulary another vocabulary than the folder's vocab.txt
 * @throws InputError naming file and tensor, where something is missing or does not fit the config
 */
export async function openWeights(folder: string, vocabulary?: string | null): Promise<OpenedWeights> {
  const { file, config } = await readEncoderConfig(folder);
  const weights = await openFiles(folder, config);
  try {
    checkShapes(weights, config, file);
    const vocabularyFile = vocabulary ?? join(folder, 'vocab.txt');
    await checkVocabulary(vocabularyFile, config, file);
    return { config, weights, vocabularyFile, lowercase: await readLowercase(folder) };
  } catch (error) {
    await weights.close();
    throw error;
  }
}

async function openFiles(folder: string, config: EncoderConfig): Promise<WeightFile> {
  const weights = (await openHuggingFace(folder, config)) ?? (await openGoogle(folder, config));
  if (weights) return weights;
  const files = await readdir(folder);
  const pickled = files.find((name) => /^pytorch_model.*\.bin$/.test(name));
  if (pickled)
    throw new InputError(`${join(folder, pickled)} is a pickle, which is not read; ${howToConvert(folder)}`);
  const other = files.find((name) => name === 'tf_model.h5' || name === 'flax_model.msgpack');
  if (other)
    throw new InputError(
      `${join(folder, other)} is not read; load the folder with Python's transformers and save_pretrained it as safetensors`,
    );
  throw new InputError(
    `${folder} has no weights: model.safetensors or a TensorFlow checkpoint (.index) is needed`,
  );
}

function howToConvert(folder: string): string {
  const from = join(folder, 'pytorch_model.bin');
  const to = join(folder, 'model.safetensors');
  return (
    'convert it once with Python: python -c "import torch; from safetensors.torch import save_file; ' +
    `save_file({k: v.clone().contiguous() for k, v in torch.load('${from}', weights_only=True, map_location='cpu').items()}, '${to}')"`
  );
}

/** A vocabulary of another size belongs to another model: its ids would mean other pieces. */
async function checkVocabulary(file: string, config: EncoderConfig, configFile: string): Promise<void> {
  if (!(await exists(file)))
    throw new InputError(
      `${file} does not exist: put the model's vocabulary there, or set encoder.vocabulary`,
    );
  const text = await readFile(file, 'utf8');
  const pieces = text.split('\n').length - (text.endsWith('\n') || text === '' ? 1 : 0);
  if (pieces !== config.vocabularySize)
    throw new InputError(
      `${file} has ${pieces} pieces, but vocab_size in ${configFile} is ${config.vocabularySize}: they belong to different models`,
    );
}

async function readLowercase(folder: string): Promise<boolean> {
  const file = join(folder, 'tokenizer_config.json');
  if (!(await exists(file))) return false;
  const { do_lower_case: lowercase } = ((await readJson(file)) ?? {}) as { do_lower_case?: unknown };
  return lowercase === true;
}
