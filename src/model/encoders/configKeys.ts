import { z } from 'zod';
import type { EncoderConfig } from './family.js';

/** Far above every model that there is; what fits is for the weights to say. */
export const count = z.int().positive().max(10_000_000);
const layers = z.int().positive().max(1000);
const width = z.int().positive().max(1_000_000);

/** Sizes, by the keys that most families' config.json have in common. */
export const sizeKeys = {
  vocab_size: count,
  hidden_size: width,
  num_hidden_layers: layers,
  num_attention_heads: width,
  intermediate_size: width,
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
