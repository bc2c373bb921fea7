import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { openTokenizer, type TokenizerOptions } from '../../data/tokenizers/open.js';
import type { Tokenizer } from '../../data/tokenizers/tokenizer.js';
import { InputError } from '../../errors.js';
import { readEncoderConfig } from '../encoders/config.js';
import type { EncoderConfig } from '../encoders/family.js';
import { checkShapes } from './check.js';
import { openGoogle } from './google.js';
import { openHuggingFace } from './huggingFace.js';
import { pickleError } from './pickle.js';
import type { WeightFile } from './weightFile.js';

export interface OpenedWeights {
  config: EncoderConfig;
  /** Hugging Face's names, linear weights [out, in], whatever the file was. Close it when done. */
  weights: WeightFile;
  tokenizer: Tokenizer;
}

/**
 * Opens a folder with a pretrained encoder: Hugging Face's (config.json, model.safetensors) or Google's
 * (bert_config.json, a TensorFlow checkpoint), with a tokenizer that `openTokenizer` finds. The word table may have
 * more rows than the tokenizer has pieces.
 * @throws InputError naming file and tensor, where something is missing or does not fit the config
 */
export async function openWeights(folder: string, options: TokenizerOptions = {}): Promise<OpenedWeights> {
  const { file, config } = await readEncoderConfig(folder);
  const weights = await openFiles(folder, config);
  try {
    checkShapes(weights, config, file);
    const tokenizer = await openTokenizer(folder, options);
    if (tokenizer.size > config.vocabularySize)
      throw new InputError(
        `${tokenizer.file} has ${tokenizer.size} pieces, but vocab_size in ${file} is ${config.vocabularySize}: they belong to different models`,
      );
    return { config, weights, tokenizer };
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
  if (pickled) throw pickleError(folder, pickled);
  const other = files.find((name) => name === 'tf_model.h5' || name === 'flax_model.msgpack');
  if (other)
    throw new InputError(
      `${join(folder, other)} is not read; load the folder with Python's transformers and save_pretrained it as safetensors`,
    );
  throw new InputError(
    `${folder} has no weights: model.safetensors or a TensorFlow checkpoint (.index) is needed`,
  );
}
