import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseEncoderConfig } from '../../src/model/encoders/config.js';
import type { EncoderConfig } from '../../src/model/encoders/family.js';
import { familyOf } from '../../src/model/encoders/registry.js';
import { sizeOf } from '../../src/model/weights/weightFile.js';
import { writeSafetensors, type TensorSource } from '../../src/model/weights/writeSafetensors.js';

export const tinyDistilbert = {
  model_type: 'distilbert',
  dim: 4,
  hidden_dim: 6,
  n_heads: 2,
  n_layers: 1,
  vocab_size: 7,
  max_position_embeddings: 8,
  activation: 'gelu',
};

export const tinyBert = {
  model_type: 'bert',
  hidden_size: 4,
  intermediate_size: 6,
  num_attention_heads: 2,
  num_hidden_layers: 1,
  vocab_size: 7,
  max_position_embeddings: 8,
  type_vocab_size: 2,
  hidden_act: 'gelu',
};

export const tinyVocabulary = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]', 'la', 'médica'];

/** Every parameter of an encoder, its values counted up so that no two are alike. */
export function encoderTensors(config: EncoderConfig): (TensorSource & { data: Float32Array })[] {
  let next = 0;
  return familyOf(config)
    .parameters(config)
    .map(({ name, shape }) => ({
      name,
      shape,
      data: Float32Array.from({ length: sizeOf(shape) }, () => next++ / 64),
    }));
}

/** Writes a folder as Hugging Face has it; `change` edits the tensors first. */
export async function writeEncoderFolder(
  folder: string,
  json: object,
  change: (tensors: TensorSource[]) => TensorSource[] = (tensors) => tensors,
): Promise<void> {
  const config = parseEncoderConfig(json, 'config.json');
  writeFileSync(join(folder, 'config.json'), JSON.stringify(json));
  writeFileSync(join(folder, 'vocab.txt'), `${tinyVocabulary.join('\n')}\n`);
  await writeSafetensors(join(folder, 'model.safetensors'), change(encoderTensors(config)));
}
