/**
 * A config.json of every family in one size: six layers, hidden 768, twelve heads, with as many weights in a layer as the
 * family's base models have. For encoders of random weights: what a step takes does not depend on their values.
 * tiny computes next to nothing: what its step takes is the cost of doing anything at all.
 */
const shared = {
  hidden_size: 768,
  num_hidden_layers: 6,
  num_attention_heads: 12,
  vocab_size: 30_000,
  pad_token_id: 0,
};

export const families = {
  tiny: {
    ...shared,
    model_type: 'bert',
    hidden_size: 64,
    num_attention_heads: 4,
    intermediate_size: 256,
    vocab_size: 2_000,
    max_position_embeddings: 512,
    type_vocab_size: 2,
  },
  bert: {
    ...shared,
    model_type: 'bert',
    intermediate_size: 3072,
    max_position_embeddings: 512,
    type_vocab_size: 2,
  },
  roberta: {
    ...shared,
    model_type: 'roberta',
    intermediate_size: 3072,
    max_position_embeddings: 513,
    type_vocab_size: 1,
  },
  modernbert: { ...shared, model_type: 'modernbert', intermediate_size: 1152, max_position_embeddings: 8192 },
  'deberta-v2': {
    ...shared,
    model_type: 'deberta-v2',
    intermediate_size: 3072,
    max_position_embeddings: 512,
    type_vocab_size: 0,
    relative_attention: true,
    position_buckets: 256,
    max_relative_positions: -1,
    pos_att_type: ['p2c', 'c2p'],
    share_att_key: true,
    norm_rel_ebd: 'layer_norm',
    position_biased_input: false,
  },
};
