import { z } from 'zod';
import type { EncoderConfig } from './family.js';

export const count = z.int().positive();

/** Sizes, by the keys that most families' config.json have in common. */
export const sizeKeys = {
  vocab_size: count,
  hidden_size: count,
  num_hidden_layers: count,
  num_attention_heads: count,
  intermediate_size: count,
  max_position_embeddings: count,
};

/** The same by our names, in the order that names of caches are made of. */
export function sizesOf(config: { [key in keyof typeof sizeKeys]: number }): Sizes {
  return {
    hidden: config.hidden_size,
    layers: config.num_hidden_layers,
    attentionHeads: config.num_attention_heads,
    intermediate: config.intermediate_size,
    vocabularySize: config.vocab_size,
    positions: config.max_position_embeddings,
  };
}

export type Sizes = Pick<
  EncoderConfig,
  'hidden' | 'layers' | 'attentionHeads' | 'intermediate' | 'vocabularySize' | 'positions'
>;
