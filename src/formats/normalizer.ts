import { z } from 'zod';
import type { StoredFormat } from './stored.js';

const names = z.array(z.string());
const size = z.int().min(1);
const power = z.number().min(0);
const neighbours = size.nullable().default(null);
const ngrams = z
  .tuple([size, size])
  .refine(([shortest, longest]) => shortest <= longest, 'the shortest length comes first')
  .default([2, 5]);
const points = (mentions: boolean) =>
  z
    .strictObject({
      labels: z.boolean().default(true),
      alternatives: z.boolean().default(false),
      mentions: z.boolean().default(mentions),
      centroids: z.boolean().default(mentions),
    })
    .prefault({});
const layers = z.array(z.int().min(0)).min(1).nullable().default(null);

const embedding1 = z.strictObject({
  weight: power.default(0),
  kind: z
    .enum(['sentenceTransformers', 'pooledEncoder', 'universalSentenceEncoder'])
    .default('sentenceTransformers'),
  weights: z.string().min(1).default('models/distiluse-base-multilingual-cased-v2'),
  layers,
  prefix: z.string().default(''),
  contexts: z.array(z.string()).min(1).default(['Trabaja de {}.', 'Se dedica a {}.']),
  contextPooling: z.enum(['average', 'best']).default('average'),
  distance: z.enum(['cosine', 'euclidean']).default('cosine'),
  points: points(true),
  neighbours,
  votePower: power.default(10),
  training: z
    .strictObject({
      epochs: z.int().min(0).default(0),
      layers,
      mentionCount: size.default(4),
      batchSize: z.int().min(2).default(64),
      rate: z.number().positive().default(5e-5),
      temperature: z.number().positive().default(0.05),
      longest: z.int().min(4).max(512).default(24),
      folder: z.string().min(1).default('.cache/encoders'),
    })
    .prefault({}),
  cache: z.string().min(1).nullable().default('.cache/embeddings'),
});

const settings1 = z.strictObject({
  task: z.string().min(1).nullable().default(null),
  exact: z.array(z.enum(['mentions', 'labels', 'alternatives'])).default(['mentions']),
  threshold: z.number().nullable().default(null),
  classifier: z
    .strictObject({
      weight: power.default(1),
      ngrams,
      labelWeight: power.default(0.7),
      cost: z.number().positive().default(1),
      passes: size.default(30),
      unseen: z.number().default(-1.1),
    })
    .prefault({}),
  lexical: z
    .strictObject({
      weight: power.default(1),
      ngrams,
      points: points(false),
      neighbours,
      votePower: power.default(10),
    })
    .prefault({}),
  embedding: embedding1.prefault({}),
});

const normalizer1 = z.strictObject({
  format: z.literal(1),
  seed: z.int(),
  settings: settings1,
  embedder: z.strictObject({ name: z.string(), dimension: size }).nullable(),
  concepts: z.array(z.strictObject({ code: z.string(), labels: names, alternatives: names })),
  mentions: z.array(
    z.strictObject({ text: z.string(), label: z.string().optional(), code: z.string(), count: size }),
  ),
});

/** What finds codes, but for its vectors. */
export type NormalizerFile = z.output<typeof normalizer1>;

/** normalizer.json in the folder of a normalizer. */
export const normalizerFormat: StoredFormat<NormalizerFile> = {
  what: 'what finds codes',
  advice: 'build the normalizer again',
  versions: { 1: normalizer1 },
};
