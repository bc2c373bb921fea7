import type { EncoderConfig } from './config.js';

type EncoderType = EncoderConfig['type'];

/** The parts of a Transformer layer that have a weight and a bias: BERT's names and DistilBERT's. */
const layerParts = {
  query: { bert: 'attention.self.query', distilbert: 'attention.q_lin' },
  key: { bert: 'attention.self.key', distilbert: 'attention.k_lin' },
  value: { bert: 'attention.self.value', distilbert: 'attention.v_lin' },
  attentionOut: { bert: 'attention.output.dense', distilbert: 'attention.out_lin' },
  attentionNorm: { bert: 'attention.output.LayerNorm', distilbert: 'sa_layer_norm' },
  inner: { bert: 'intermediate.dense', distilbert: 'ffn.lin1' },
  outer: { bert: 'output.dense', distilbert: 'ffn.lin2' },
  outputNorm: { bert: 'output.LayerNorm', distilbert: 'output_layer_norm' },
} as const;

export type LayerPart = keyof typeof layerParts;
export const LAYER_PARTS = Object.keys(layerParts) as LayerPart[];

/** Hugging Face's name of a part of a layer, without `.weight` or `.bias`. */
export function layerName(type: EncoderType, layer: number, part: LayerPart): string {
  return `${layerPrefix(type, layer)}.${layerParts[part][type]}`;
}

/** `bert.encoder.layer.0` or `distilbert.transformer.layer.0`. */
export function layerPrefix(type: EncoderType, layer: number): string {
  return `${type}.${type === 'bert' ? 'encoder' : 'transformer'}.layer.${layer}`;
}

/** Hugging Face's name of a table or norm of the embeddings, with its ending. */
export function embeddingName(
  type: EncoderType,
  part:
    | 'word_embeddings.weight'
    | 'position_embeddings.weight'
    | 'token_type_embeddings.weight'
    | 'LayerNorm.weight'
    | 'LayerNorm.bias',
): string {
  return `${type}.embeddings.${part}`;
}

/**
 * Hugging Face's names of the masked-LM head, dense and norm without `.weight` or `.bias`. Its decoder is the
 * word table, with a bias of its own.
 */
export function maskedLmNames(type: EncoderType): { dense: string; norm: string; bias: string } {
  if (type === 'distilbert')
    return { dense: 'vocab_transform', norm: 'vocab_layer_norm', bias: 'vocab_projector.bias' };
  const transform = 'cls.predictions.transform';
  return { dense: `${transform}.dense`, norm: `${transform}.LayerNorm`, bias: 'cls.predictions.bias' };
}
