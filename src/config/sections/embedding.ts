import { z } from 'zod';
import { embedderKinds } from '../choices.js';
import { neighbours, partWeight, pointsSchema, votePower } from './parts.js';
import { layerNumber, MOST_EPOCHS, MOST_WINDOWS, path } from './values.js';

export const embeddingSchema = z.strictObject({
  weight: partWeight(0),
  kind: z
    .enum(embedderKinds)
    .default('sentenceTransformers')
    .describe(
      'sentenceTransformers: a folder with modules.json; pooledEncoder: an encoder as it is, mean over pieces and `layers`; universalSentenceEncoder: the English USE lite',
    ),
  weights: path
    .default('models/distiluse-base-multilingual-cased-v2')
    .describe('folder of the sentence encoder'),
  layers: z
    .array(layerNumber)
    .min(1)
    .nullable()
    .default(null)
    .describe(
      'pooledEncoder: the mean of the outputs of these layers, 0 the embeddings; null: the first and the last',
    ),
  prefix: z
    .string()
    .default('')
    .describe(
      'what a model wants before every sentence, as «query: » of multilingual-e5; it goes before `contexts`',
    ),
  contexts: z
    .array(z.string().regex(/^[^{}]*\{\}[^{}]*$/, 'a context has {} once, where the mention goes'))
    .min(1)
    .default(['Trabaja de {}.', 'Se dedica a {}.'])
    .describe('sentences that mentions and labels are put into; {}: as they are'),
  contextPooling: z
    .enum(['average', 'best'])
    .default('average')
    .describe("average: the mean of a text's contexts; best: the context in which two are nearest"),
  distance: z
    .enum(['cosine', 'euclidean'])
    .default('cosine')
    .describe('similarity is the cosine, or 1 / (1 + Euclidean distance)'),
  points: pointsSchema({ mentions: true, centroids: true }),
  neighbours,
  votePower,
  training: z
    .strictObject({
      epochs: z
        .int()
        .min(0)
        .max(MOST_EPOCHS)
        .default(0)
        .describe('passes over the alternative labels; 0: the encoder as it was pretrained'),
      layers: z
        .array(layerNumber)
        .min(1)
        .nullable()
        .default(null)
        .describe("which of the encoder's layers to take, in order; null: all"),
      mentionCount: z
        .int()
        .min(1)
        .max(10_000)
        .default(4)
        .describe('how often an epoch takes a training mention, where it takes an alternative label once'),
      batchSize: z
        .int()
        .min(2)
        .max(MOST_WINDOWS)
        .default(64)
        .describe("pairs of a step; the others' texts are the negatives"),
      rate: z.number().positive().default(5e-5).describe('learning rate'),
      temperature: z.number().positive().default(0.05).describe('what cosines are divided by'),
      longest: z.int().min(4).max(512).default(24).describe('pieces of a text; longer ones are cut'),
      folder: path.default('.cache/encoders').describe('folder that keeps trained encoders'),
    })
    .prefault({})
    .describe(
      'pooledEncoder: trained on pairs of training mentions or alternatives and labels, with in-batch negatives, then the mean of its last layer',
    ),
  cache: path
    .nullable()
    .default('.cache/embeddings')
    .describe('folder that keeps vectors by model and sentence; null: none'),
});
