import type { EncoderConfig } from './config.js';

/** An encoder's config.json as Python's transformers reads it. */
export function formatEncoderConfig(config: EncoderConfig): Record<string, unknown> {
  const common = {
    model_type: config.type,
    vocab_size: config.vocabularySize,
    max_position_embeddings: config.positions,
    pad_token_id: 0,
  };
  if (config.type === 'distilbert')
    return {
      ...common,
      architectures: ['DistilBertModel'],
      activation: config.activation,
      dim: config.hidden,
      hidden_dim: config.intermediate,
      n_heads: config.heads,
      n_layers: config.layers,
      sinusoidal_pos_embds: false,
    };
  return {
    ...common,
    architectures: ['BertModel'],
    hidden_act: config.activation,
    hidden_size: config.hidden,
    intermediate_size: config.intermediate,
    num_attention_heads: config.heads,
    num_hidden_layers: config.layers,
    type_vocab_size: config.typeVocabularySize,
    layer_norm_eps: config.layerNormEpsilon,
  };
}
