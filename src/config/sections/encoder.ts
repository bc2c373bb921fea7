import { z } from 'zod';
import { partialShare, path, layerNumber } from './values.js';

export const encoderSchema = z.strictObject({
  weights: path
    .nullable()
    .default(null)
    .describe(
      'folder with config.json, model.safetensors and the tokenizer (Hugging Face), or with bert_config.json, vocab.txt and a TensorFlow checkpoint (Google); null: random weights of the shape given under `random`',
    ),
  vocabulary: path
    .nullable()
    .default(null)
    .describe(
      'vocab.txt or tokenizer.json; null: that of the weights folder, or a WordPiece vocabulary made from the training texts where the weights are random',
    ),
  layers: z
    .array(layerNumber)
    .min(1)
    .nullable()
    .default(null)
    .describe("which of the weights' layers to take, in order; null: all"),
  lowercase: z
    .boolean()
    .nullable()
    .default(null)
    .describe(
      'lower-case before tokenizing with a vocab.txt, and strip accents unless strip_accents in tokenizer_config.json is false; null: as tokenizer_config.json says, else tokenizer.json, else no',
    ),
  dropout: partialShare
    .default(0.1)
    .describe('dropout after the embeddings, the attention and the feed-forward blocks'),
  attentionDropout: partialShare.default(0.1).describe('dropout of the attention weights'),
  random: z
    .strictObject({
      hidden: z.int().min(2).max(16_384).default(64).describe('width of the hidden states'),
      layers: z.int().min(1).max(1000).default(2).describe('number of layers'),
      heads: z.int().min(1).max(1024).default(4).describe('attention heads; they divide `hidden`'),
      intermediate: z.int().min(1).max(131_072).default(128).describe('width of the feed-forward blocks'),
      vocabularySize: z
        .int()
        .min(50)
        .max(1_000_000)
        .default(2000)
        .describe('most pieces of a vocabulary made from the training texts'),
    })
    .prefault({})
    .describe('shape of a randomly initialised DistilBERT, used where `weights` is null'),
});
