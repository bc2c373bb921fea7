import { z } from 'zod';
import { count, sizeKeys, sizesOf } from './configKeys.js';
import { activationSchema, type Activation, type Family, type MaskedLmHead } from './family.js';
import { maskedLmHead } from './maskedLmHead.js';
import { postNorm, type PostNormConfig } from './postNorm/family.js';

/** A layer's parts, as RoBERTa and DeBERTa name them too. */
export const bertParts = {
  query: 'attention.self.query',
  key: 'attention.self.key',
  value: 'attention.self.value',
  attentionOut: 'attention.output.dense',
  attentionNorm: 'attention.output.LayerNorm',
  inner: 'intermediate.dense',
  outer: 'output.dense',
  outputNorm: 'output.LayerNorm',
} as const;

/** What BERT's and RoBERTa's config.json have in common. */
export const bertKeys = {
  ...sizeKeys,
  layer_norm_eps: z.number().positive().default(1e-12),
  hidden_act: activationSchema.default('gelu'),
  position_embedding_type: z.literal('absolute').default('absolute'),
  is_decoder: z.literal(false).default(false),
};

const schema = z
  .object({ model_type: z.literal('bert').default('bert'), ...bertKeys, type_vocab_size: count.default(2) })
  .transform((config): PostNormConfig => ({
    type: 'bert',
    ...bertShape(config),
  }));

/** BERT (Devlin et al. 2019). */
export const bert: Family<PostNormConfig> = {
  ...postNorm({
    prefix: 'bert',
    layers: 'encoder.layer',
    parts: bertParts,
    dropoutAfterAttention: true,
    firstPosition: () => 0,
  }),
  types: ['bert'],
  schema,
  identity: oldIdentity,
  format: (config) => formatBert(config, 'BertModel'),
  optional: ({ hidden, vocabularySize }) =>
    new Map([
      ['bert.pooler.dense.weight', [hidden, hidden]],
      ['bert.pooler.dense.bias', [hidden]],
      ['cls.predictions.decoder.weight', [vocabularySize, hidden]],
    ]),
  rename: (name) => (name === 'cls.predictions.decoder.bias' ? 'cls.predictions.bias' : name),
  checkpointName,
  maskedLm: bertMaskedLm,
};

/** What config.json says of a shape, by the keys that BERT, RoBERTa and DeBERTa share. */
export function bertShape(
  config: Parameters<typeof sizesOf>[0] & {
    type_vocab_size: number;
    layer_norm_eps: number;
    hidden_act: Activation;
  },
): Omit<PostNormConfig, 'type'> {
  return {
    ...sizesOf(config),
    typeVocabularySize: config.type_vocab_size,
    layerNormEpsilon: config.layer_norm_eps,
    activation: config.hidden_act,
  };
}

/** The same back again, as Python's transformers reads it. */
export function formatBert(config: PostNormConfig, architecture: string): Record<string, unknown> {
  return {
    model_type: config.type,
    vocab_size: config.vocabularySize,
    max_position_embeddings: config.positions,
    pad_token_id: 0,
    architectures: [architecture],
    hidden_act: config.activation,
    hidden_size: config.hidden,
    intermediate_size: config.intermediate,
    num_attention_heads: config.attentionHeads,
    num_hidden_layers: config.layers,
    type_vocab_size: config.typeVocabularySize,
    layer_norm_eps: config.layerNormEpsilon,
  };
}

export function bertMaskedLm(config: PostNormConfig): MaskedLmHead {
  const names = {
    dense: 'cls.predictions.transform.dense',
    norm: 'cls.predictions.transform.LayerNorm',
    bias: 'cls.predictions.bias',
  };
  return maskedLmHead(names, config, config.activation);
}

/** A config as caches of earlier versions have it in their names. */
export function oldIdentity({ attentionHeads, ...config }: PostNormConfig): object {
  const { type, hidden, layers, intermediate, vocabularySize, positions, typeVocabularySize, ...rest } =
    config;
  const { layerNormEpsilon, activation } = rest;
  return {
    type,
    hidden,
    layers,
    heads: attentionHeads,
    intermediate,
    vocabularySize,
    positions,
    typeVocabularySize,
    layerNormEpsilon,
    activation,
  };
}

/** Hugging Face's name of a variable of Google's BERT; nothing for Adam's moments, the step, next sentence prediction. */
function checkpointName(variable: string): string | undefined {
  const path = variable.replace(/^module\//, '');
  if (!/^(bert|cls\/predictions)\//.test(path) || /\/adam_[mv]$/.test(path)) return undefined;
  return path
    .replace(/\/layer_(\d+)\//, '/layer/$1/')
    .replace(/\/(gamma|kernel)$/, '/weight')
    .replace(/(_embeddings)$/, '$1/weight')
    .replace(/\/(beta|output_bias)$/, '/bias')
    .replaceAll('/', '.');
}
