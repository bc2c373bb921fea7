import { z } from 'zod';
import { count, sizeKeys, sizesOf } from '../configKeys.js';
import { activationSchema, type Activation, type EncoderConfig } from '../family.js';

export type AttentionType = 'full' | 'sliding';

export interface ModernBertConfig extends EncoderConfig {
  /** Of each layer. */
  attention: AttentionType[];
  /** How far a piece sees to either side where attention is sliding. */
  reach: number;
  /** Base of the rotary angles. */
  theta: Record<AttentionType, number>;
  /** Of the masked-LM head. */
  headActivation: Activation;
  /** Ids of special pieces, which only other programs read, by their keys. */
  specialIds: Record<string, number>;
}

const SPECIAL = ['pad_token_id', 'bos_token_id', 'eos_token_id', 'cls_token_id', 'sep_token_id'] as const;
const none = z.literal(false).default(false);
const theta = z.number().positive();
const rope = z.object({ rope_type: z.literal('default').default('default'), rope_theta: theta.optional() });
const layerType = z.enum(['full_attention', 'sliding_attention']);

/** Both spellings: the hub's (global_rope_theta, global_attn_every_n_layers) and transformers' since 5 (rope_parameters, layer_types). */
export const modernBertSchema = z
  .object({
    model_type: z.literal('modernbert'),
    ...sizeKeys,
    hidden_activation: activationSchema.default('gelu'),
    classifier_activation: activationSchema.default('gelu'),
    max_position_embeddings: sizeKeys.max_position_embeddings.default(8192),
    norm_eps: z.number().positive().default(1e-5),
    norm_bias: none,
    attention_bias: none,
    mlp_bias: none,
    classifier_bias: none,
    decoder_bias: z.literal(true).default(true),
    local_attention: z.int().min(2).max(10_000_000).default(128),
    global_attn_every_n_layers: count.default(3),
    layer_types: z.array(layerType).nullish(),
    global_rope_theta: theta.default(160_000),
    local_rope_theta: theta.nullish(),
    rope_scaling: z.null().optional(),
    ...Object.fromEntries(SPECIAL.map((key) => [key, z.int().min(0).nullish()])),
    rope_parameters: z.object({ full_attention: rope, sliding_attention: rope }).partial().nullish(),
  })
  .transform((config): ModernBertConfig => ({
    type: 'modernbert',
    ...sizesOf(config),
    layerNormEpsilon: config.norm_eps,
    activation: config.hidden_activation,
    attention: attentionOf(config),
    reach: Math.floor(config.local_attention / 2),
    theta: {
      full: config.rope_parameters?.full_attention?.rope_theta ?? config.global_rope_theta,
      sliding: config.rope_parameters?.sliding_attention?.rope_theta ?? config.local_rope_theta ?? 10_000,
    },
    headActivation: config.classifier_activation,
    specialIds: Object.fromEntries(
      SPECIAL.flatMap((key) => {
        const id = (config as Record<string, unknown>)[key];
        return typeof id === 'number' ? [[key, id]] : [];
      }),
    ),
  }));

function attentionOf(config: {
  layer_types?: z.output<typeof layerType>[] | null;
  num_hidden_layers: number;
  global_attn_every_n_layers: number;
}): AttentionType[] {
  if (config.layer_types)
    return config.layer_types.map((type) => (type === 'full_attention' ? 'full' : 'sliding'));
  const every = config.global_attn_every_n_layers;
  return Array.from({ length: config.num_hidden_layers }, (_, layer) => (layer % every ? 'sliding' : 'full'));
}

export function modernBertProblem({
  hidden,
  attentionHeads,
  layers,
  attention,
}: ModernBertConfig): string | undefined {
  if (attention.length !== layers) return `layer_types has ${attention.length} entries for ${layers} layers`;
  const size = hidden / attentionHeads;
  if (size % 2)
    return `rotary positions turn dimensions in pairs, and ${attentionHeads} heads of ${size} have an odd one left`;
  return undefined;
}

/** As transformers 5 writes it, and what 4 reads beside it. */
export function formatModernBert(config: ModernBertConfig): Record<string, unknown> {
  const every = config.attention.indexOf('full', 1);
  const period = every > 0 ? every : config.layers;
  const isRegular = attentionOf({
    num_hidden_layers: config.layers,
    global_attn_every_n_layers: period,
  }).every((type, layer) => type === config.attention[layer]);
  return {
    model_type: 'modernbert',
    architectures: ['ModernBertModel'],
    vocab_size: config.vocabularySize,
    ...config.specialIds,
    hidden_size: config.hidden,
    intermediate_size: config.intermediate,
    num_hidden_layers: config.layers,
    num_attention_heads: config.attentionHeads,
    hidden_activation: config.activation,
    classifier_activation: config.headActivation,
    max_position_embeddings: config.positions,
    norm_eps: config.layerNormEpsilon,
    norm_bias: false,
    attention_bias: false,
    mlp_bias: false,
    classifier_bias: false,
    decoder_bias: true,
    local_attention: 2 * config.reach,
    global_attn_every_n_layers: isRegular ? period : undefined,
    layer_types: config.attention.map((type) => `${type}_attention`),
    global_rope_theta: config.theta.full,
    local_rope_theta: config.theta.sliding,
    rope_parameters: {
      full_attention: { rope_type: 'default', rope_theta: config.theta.full },
      sliding_attention: { rope_type: 'default', rope_theta: config.theta.sliding },
    },
  };
}
