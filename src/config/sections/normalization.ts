import { z } from 'zod';
import { embeddingSchema } from './embedding.js';
import { neighbours, ngrams, partWeight, pointsSchema, votePower } from './parts.js';

export const normalizationSchema = z.strictObject({
  task: z
    .string()
    .min(1)
    .nullable()
    .default(null)
    .describe('task whose spans get codes, and whose labels help to find them; null: the first'),
  exact: z
    .array(z.enum(['mentions', 'labels', 'alternatives']))
    .default(['mentions'])
    .describe('where a mention is looked up word for word before all else, in this order'),
  threshold: z
    .number()
    .nullable()
    .default(null)
    .describe('least score for a code to be given; null: the best one is always given'),
  classifier: z
    .strictObject({
      weight: partWeight(1),
      ngrams,
      labelWeight: z
        .number()
        .min(0)
        .default(0.7)
        .describe("value of the feature that stands for the mention's label"),
      cost: z.number().positive().default(1).describe('price of a training mention on the wrong side'),
      passes: z.int().min(1).max(100_000).default(30).describe('passes over the training mentions'),
      unseen: z.number().default(-1.1).describe('score of codes that no training mention has'),
    })
    .prefault({})
    .describe('linear support vector machine over character n-grams of the training mentions'),
  lexical: z
    .strictObject({
      weight: partWeight(1),
      ngrams,
      points: pointsSchema({ mentions: false, centroids: false }),
      neighbours,
      votePower,
    })
    .prefault({})
    .describe('similarity of character n-grams (TF-IDF, cosine)'),
  embedding: embeddingSchema.prefault({}).describe('similarity of sentence embeddings'),
});

export type NormalizationConfig = z.output<typeof normalizationSchema>;
