import { z } from 'zod';
import { bertShape, formatBert } from '../bert.js';
import { count, sizeKeys } from '../configKeys.js';
import { activationSchema } from '../family.js';
import type { PostNormConfig } from '../postNorm/family.js';

export interface DebertaConfig extends PostNormConfig {
  /** Whether there is a table of absolute positions too. */
  absolutePositions: boolean;
  /** What pieces attend to besides each other; the scores are divided by the root of so many more. */
  scored: { contentToPosition: boolean; positionToContent: boolean };
  /** Undefined: positions are not relative. */
  relative?: RelativeConfig;
  /** What of the file is not computed here, as the rest of a sentence. */
  notComputed?: string;
}

export interface RelativeConfig {
  /** Distances beyond count as this one. */
  farthest: number;
  /** Of distances; 0: each has a row of its own. */
  buckets: number;
  /** Whether the table is projected by the pieces' own weights. */
  sharedProjections: boolean;
  /** Whether the table is normalised. */
  normalized: boolean;
}

const whole = z.int().max(10_000_000).nullish();

/** With the defaults of transformers' DebertaV2Config, those of fields that it reads without declaring them too. */
export const debertaSchema = z
  .object({
    model_type: z.literal('deberta-v2'),
    vocab_size: sizeKeys.vocab_size.default(128_100),
    hidden_size: sizeKeys.hidden_size.default(1536),
    num_hidden_layers: sizeKeys.num_hidden_layers.default(24),
    num_attention_heads: sizeKeys.num_attention_heads.default(24),
    intermediate_size: sizeKeys.intermediate_size.default(6144),
    hidden_act: activationSchema.default('gelu'),
    max_position_embeddings: sizeKeys.max_position_embeddings.default(512),
    type_vocab_size: z.int().min(0).max(10_000_000).default(0),
    layer_norm_eps: z.number().positive().default(1e-7),
    relative_attention: z.boolean().default(false),
    max_relative_positions: whole,
    position_buckets: whole,
    position_biased_input: z.boolean().default(true),
    pos_att_type: z.union([z.string(), z.array(z.string())]).nullish(),
    share_att_key: z.boolean().default(false),
    norm_rel_ebd: z.string().default('none'),
    conv_kernel_size: whole,
    embedding_size: count.optional(),
    attention_head_size: count.optional(),
  })
  .transform((config): DebertaConfig => {
    const types = attentionTypes(config.pos_att_type);
    const scored = { contentToPosition: types.includes('c2p'), positionToContent: types.includes('p2c') };
    const isRelative = config.relative_attention && (scored.contentToPosition || scored.positionToContent);
    const farthest = atLeastOne(config.max_relative_positions) ?? config.max_position_embeddings;
    const buckets = atLeastOne(config.position_buckets) ?? 0;
    const notComputed = whatIsNotComputed({ ...config, types, farthest, buckets });
    return {
      type: 'deberta-v2',
      ...bertShape(config),
      absolutePositions: config.position_biased_input,
      scored,
      relative: isRelative
        ? {
            farthest,
            buckets,
            sharedProjections: config.share_att_key,
            normalized: attentionTypes(config.norm_rel_ebd).includes('layer_norm'),
          }
        : undefined,
      notComputed,
    };
  });

/** "p2c|c2p" as its parts. */
function attentionTypes(value: string | string[] | null | undefined): string[] {
  if (typeof value !== 'string') return value ?? [];
  const parts = value.split('|').map((part) => part.trim().toLowerCase());
  return parts.filter((part) => part !== '');
}

function atLeastOne(value: number | null | undefined): number | undefined {
  return value && value > 0 ? value : undefined;
}

function whatIsNotComputed(config: {
  conv_kernel_size?: number | null;
  embedding_size?: number;
  attention_head_size?: number;
  hidden_size: number;
  num_attention_heads: number;
  types: string[];
  farthest: number;
  buckets: number;
}): string | undefined {
  const { hidden_size: hidden, num_attention_heads: heads, farthest, buckets } = config;
  if ((config.conv_kernel_size ?? 0) > 0)
    return `conv_kernel_size is ${config.conv_kernel_size}, and DeBERTa's convolution is not computed here: take a model without it, such as DeBERTa v3 or mDeBERTa`;
  if ((config.embedding_size ?? hidden) !== hidden)
    return `embedding_size is ${config.embedding_size}: only that of hidden_size, ${hidden}, can be read`;
  if ((config.attention_head_size ?? hidden / heads) !== hidden / heads)
    return `attention_head_size is ${config.attention_head_size}: only ${hidden} / ${heads} can be read`;
  const unknown = config.types.find((type) => type !== 'c2p' && type !== 'p2c');
  if (unknown !== undefined)
    return `pos_att_type has ${JSON.stringify(unknown)}: only c2p and p2c are computed here`;
  if (buckets > 0 && (buckets < 2 || farthest - 1 <= Math.floor(buckets / 2)))
    return `position_buckets is ${buckets}, which cannot hold distances up to ${farthest}`;
  return undefined;
}

export function formatDeberta(config: DebertaConfig): Record<string, unknown> {
  const { scored, relative } = config;
  return {
    ...formatBert(config, 'DebertaV2Model'),
    relative_attention: relative !== undefined,
    max_relative_positions: relative?.farthest ?? -1,
    position_buckets: relative?.buckets || -1,
    position_biased_input: config.absolutePositions,
    pos_att_type: [
      ...(scored.positionToContent ? ['p2c'] : []),
      ...(scored.contentToPosition ? ['c2p'] : []),
    ],
    share_att_key: relative?.sharedProjections ?? false,
    norm_rel_ebd: relative?.normalized ? 'layer_norm' : 'none',
  };
}
