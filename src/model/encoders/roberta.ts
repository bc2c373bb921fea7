import { z } from 'zod';
import { filled, linearSpecs, normSpecs } from '../part.js';
import { bertKeys, bertParts } from './bert.js';
import type { Family } from './family.js';
import { postNorm, type PostNormConfig } from './postNorm/family.js';

interface RobertaConfig extends PostNormConfig {
  /** Positions are counted from the id after it, which padding itself has. */
  padId: number;
}

const schema = z
  .object({
    model_type: z.enum(['roberta', 'xlm-roberta', 'camembert']),
    ...bertKeys,
    type_vocab_size: z.int().min(0).default(2),
    pad_token_id: z.int().min(0).default(1),
  })
  .refine(
    ({ max_position_embeddings: rows, pad_token_id: pad }) => rows > pad + 1,
    'max_position_embeddings has no row after those up to pad_token_id',
  )
  .transform((config): RobertaConfig => ({
    type: config.model_type,
    hidden: config.hidden_size,
    layers: config.num_hidden_layers,
    attentionHeads: config.num_attention_heads,
    intermediate: config.intermediate_size,
    vocabularySize: config.vocab_size,
    positions: config.max_position_embeddings - config.pad_token_id - 1,
    typeVocabularySize: config.type_vocab_size,
    layerNormEpsilon: config.layer_norm_eps,
    activation: config.hidden_act,
    padId: config.pad_token_id,
  }));

const architectures: Record<string, string> = {
  roberta: 'RobertaModel',
  'xlm-roberta': 'XLMRobertaModel',
  camembert: 'CamembertModel',
};

/** RoBERTa (Liu et al. 2019), and XLM-R (Conneau et al. 2020) and CamemBERT (Martin et al. 2020), which are made like it. */
export const roberta: Family<RobertaConfig> = {
  ...postNorm({
    prefix: 'roberta',
    layers: 'encoder.layer',
    parts: bertParts,
    dropoutAfterAttention: true,
    firstPosition: ({ padId }) => padId + 1,
  }),
  types: ['roberta', 'xlm-roberta', 'camembert'],
  schema,
  format: (config) => ({
    model_type: config.type,
    architectures: [architectures[config.type]],
    vocab_size: config.vocabularySize,
    max_position_embeddings: config.positions + config.padId + 1,
    pad_token_id: config.padId,
    hidden_act: config.activation,
    hidden_size: config.hidden,
    intermediate_size: config.intermediate,
    num_attention_heads: config.attentionHeads,
    num_hidden_layers: config.layers,
    type_vocab_size: config.typeVocabularySize,
    layer_norm_eps: config.layerNormEpsilon,
  }),
  optional: ({ hidden, vocabularySize }) =>
    new Map([
      ['roberta.pooler.dense.weight', [hidden, hidden]],
      ['roberta.pooler.dense.bias', [hidden]],
      ['lm_head.decoder.weight', [vocabularySize, hidden]],
    ]),
  rename: (name) => (name === 'lm_head.decoder.bias' ? 'lm_head.bias' : name),
  maskedLm: ({ hidden, vocabularySize }) => ({
    dense: { weight: 'lm_head.dense.weight', bias: 'lm_head.dense.bias' },
    norm: { weight: 'lm_head.layer_norm.weight', bias: 'lm_head.layer_norm.bias' },
    bias: 'lm_head.bias',
    activation: 'gelu', // whatever hidden_act is
    parameters: [
      ...linearSpecs('lm_head.dense', [hidden, hidden], 'new'),
      ...normSpecs('lm_head.layer_norm', hidden, 'new'),
      { name: 'lm_head.bias', shape: [vocabularySize], initial: filled(0), group: 'new' },
    ],
  }),
};
