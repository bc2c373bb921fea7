import { z } from 'zod';
import { oldIdentity } from './bert.js';
import { sizeKeys, type Sizes } from './configKeys.js';
import { activationSchema, type Family } from './family.js';
import { maskedLmHead } from './maskedLmHead.js';
import { postNorm, type PostNormConfig } from './postNorm/family.js';

const schema = z
  .object({
    model_type: z.literal('distilbert').default('distilbert'),
    dim: sizeKeys.hidden_size,
    hidden_dim: sizeKeys.intermediate_size,
    n_heads: sizeKeys.num_attention_heads,
    n_layers: sizeKeys.num_hidden_layers,
    vocab_size: sizeKeys.vocab_size,
    max_position_embeddings: sizeKeys.max_position_embeddings,
    activation: activationSchema.default('gelu'),
  })
  .transform((config): PostNormConfig => ({
    type: 'distilbert',
    hidden: config.dim,
    layers: config.n_layers,
    attentionHeads: config.n_heads,
    intermediate: config.hidden_dim,
    vocabularySize: config.vocab_size,
    positions: config.max_position_embeddings,
    typeVocabularySize: 0,
    layerNormEpsilon: 1e-12,
    activation: config.activation,
  }));

/** DistilBERT (Sanh et al. 2019). */
export const distilbert: Family<PostNormConfig> = {
  ...postNorm({
    prefix: 'distilbert',
    layers: 'transformer.layer',
    parts: {
      query: 'attention.q_lin',
      key: 'attention.k_lin',
      value: 'attention.v_lin',
      attentionOut: 'attention.out_lin',
      attentionNorm: 'sa_layer_norm',
      inner: 'ffn.lin1',
      outer: 'ffn.lin2',
      outputNorm: 'output_layer_norm',
    },
    dropoutAfterAttention: false,
    firstPosition: () => 0,
  }),
  types: ['distilbert'],
  schema,
  identity: oldIdentity,
  format: (config) => ({
    model_type: 'distilbert',
    vocab_size: config.vocabularySize,
    max_position_embeddings: config.positions,
    pad_token_id: 0,
    architectures: ['DistilBertModel'],
    activation: config.activation,
    dim: config.hidden,
    hidden_dim: config.intermediate,
    n_heads: config.attentionHeads,
    n_layers: config.layers,
    sinusoidal_pos_embds: false,
  }),
  optional: ({ hidden, vocabularySize }) => new Map([['vocab_projector.weight', [vocabularySize, hidden]]]),
  maskedLm: (config) =>
    maskedLmHead(
      { dense: 'vocab_transform', norm: 'vocab_layer_norm', bias: 'vocab_projector.bias' },
      config,
      config.activation,
    ),
};

/** A DistilBERT of this shape, to be started from random weights. */
export function distilbertOf(shape: Sizes): PostNormConfig {
  return { type: 'distilbert', ...shape, typeVocabularySize: 0, layerNormEpsilon: 1e-12, activation: 'gelu' };
}
