import { z } from 'zod';
import { bertKeys, bertParts, bertShape, formatBert } from './bert.js';
import type { Family } from './family.js';
import { maskedLmHead } from './maskedLmHead.js';
import { postNorm, type PostNormConfig } from './postNorm/family.js';

interface RobertaConfig extends PostNormConfig {
  /** Positions are counted from the id after it, which padding itself has. */
  padId: number;
}

const schema = z
  .object({
    model_type: z.enum(['roberta', 'xlm-roberta', 'camembert']),
    ...bertKeys,
    type_vocab_size: z.int().min(0).max(10_000_000).default(2),
    pad_token_id: z.int().min(0).max(10_000_000).default(1),
  })
  .refine(
    ({ max_position_embeddings: rows, pad_token_id: pad }) => rows > pad + 1,
    'max_position_embeddings has no row after those up to pad_token_id',
  )
  .transform((config): RobertaConfig => ({
    type: config.model_type,
    ...bertShape(config),
    positions: config.max_position_embeddings - config.pad_token_id - 1,
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
    ...formatBert(config, architectures[config.type]!),
    max_position_embeddings: config.positions + config.padId + 1,
    pad_token_id: config.padId,
  }),
  optional: ({ hidden, vocabularySize }) =>
    new Map([
      ['roberta.pooler.dense.weight', [hidden, hidden]],
      ['roberta.pooler.dense.bias', [hidden]],
      ['lm_head.decoder.weight', [vocabularySize, hidden]],
    ]),
  rename: (name) => (name === 'lm_head.decoder.bias' ? 'lm_head.bias' : name),
  maskedLm: (config) =>
    maskedLmHead(
      { dense: 'lm_head.dense', norm: 'lm_head.layer_norm', bias: 'lm_head.bias' },
      config,
      'gelu', // whatever hidden_act is
    ),
};
