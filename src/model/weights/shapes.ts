import { InputError } from '../../errors.js';
import type { EncoderConfig } from './config.js';
import { embeddingName, layerName, type LayerPart } from './names.js';
import type { WeightFile } from './weightFile.js';

/** Shapes of every parameter that an encoder of this config must have, by Hugging Face's names. */
export function encoderShapes(config: EncoderConfig): Map<string, number[]> {
  const { type, hidden, intermediate, vocabularySize, positions, typeVocabularySize } = config;
  const shapes = new Map<string, number[]>();
  const linear = (name: string, inputs: number, out: number) =>
    shapes.set(`${name}.weight`, [out, inputs]).set(`${name}.bias`, [out]);
  const norm = (name: string) => shapes.set(`${name}.weight`, [hidden]).set(`${name}.bias`, [hidden]);

  shapes.set(embeddingName(type, 'word_embeddings.weight'), [vocabularySize, hidden]);
  shapes.set(embeddingName(type, 'position_embeddings.weight'), [positions, hidden]);
  if (typeVocabularySize)
    shapes.set(embeddingName(type, 'token_type_embeddings.weight'), [typeVocabularySize, hidden]);
  norm(`${type}.embeddings.LayerNorm`);
  for (let layer = 0; layer < config.layers; layer++) {
    const part = (name: LayerPart) => layerName(type, layer, name);
    for (const name of ['query', 'key', 'value', 'attentionOut'] as const) linear(part(name), hidden, hidden);
    norm(part('attentionNorm'));
    linear(part('inner'), hidden, intermediate);
    linear(part('outer'), intermediate, hidden);
    norm(part('outputNorm'));
  }
  return shapes;
}

/** Parameters that a file may or may not have; where it has them their shapes must fit. */
export function optionalShapes({ type, hidden, vocabularySize }: EncoderConfig): Map<string, number[]> {
  const distilbert: [string, number[]][] = [
    ['vocab_transform.weight', [hidden, hidden]],
    ['vocab_transform.bias', [hidden]],
    ['vocab_layer_norm.weight', [hidden]],
    ['vocab_layer_norm.bias', [hidden]],
    ['vocab_projector.weight', [vocabularySize, hidden]],
    ['vocab_projector.bias', [vocabularySize]],
  ];
  const bert: [string, number[]][] = [
    ['bert.pooler.dense.weight', [hidden, hidden]],
    ['bert.pooler.dense.bias', [hidden]],
    ['cls.predictions.transform.dense.weight', [hidden, hidden]],
    ['cls.predictions.transform.dense.bias', [hidden]],
    ['cls.predictions.transform.LayerNorm.weight', [hidden]],
    ['cls.predictions.transform.LayerNorm.bias', [hidden]],
    ['cls.predictions.decoder.weight', [vocabularySize, hidden]],
    ['cls.predictions.bias', [vocabularySize]],
  ];
  return new Map(type === 'bert' ? bert : distilbert);
}

/** @throws InputError naming file and tensor, where one is missing or has another shape than the config says */
export function checkShapes(weights: WeightFile, config: EncoderConfig, configFile: string): void {
  const required = encoderShapes(config);
  for (const [name, shape] of [...required, ...optionalShapes(config)]) {
    const entry = weights.entries.get(name);
    if (!entry && !required.has(name)) continue;
    if (!entry) {
      const wanted = `a ${config.type} of ${config.layers} layers, as ${configFile} describes it, needs it`;
      throw new InputError(`${weights.file}: there is no tensor ${name}; ${wanted}`);
    }
    if (String(entry.shape) !== String(shape))
      throw new InputError(
        `${weights.file}: ${name} has shape [${entry.shape}]; by ${configFile} it must be [${shape}]`,
      );
    if (!/^B?F(16|32|64)$/.test(entry.dtype))
      throw new InputError(
        `${weights.file}: ${name} has type ${entry.dtype}; it must be F32, F16, BF16 or F64`,
      );
  }
}
