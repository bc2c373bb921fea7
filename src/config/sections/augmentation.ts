import { z } from 'zod';
import { path, label } from './values.js';

export const augmentationSchema = z.strictObject({
  labels: z
    .array(label)
    .default([])
    .describe(
      'labels that get new examples, as in [ACTIVIDAD]; none: no examples are made, and of `corpus` all are taken',
    ),
  corpus: path
    .nullable()
    .default(null)
    .describe(
      'folder that `augment` wrote, to take its examples of `labels`, of all labels where that names none; null: make them as follows',
    ),
  multiple: z
    .number()
    .gt(1)
    .max(100)
    .default(2)
    .describe('mentions of a label with the new ones over those of the training documents'),
  count: z
    .int()
    .min(1)
    .max(1_000_000)
    .nullable()
    .default(null)
    .describe('number of new examples of each label; null: as `multiple` says'),
  substituteCount: z
    .int()
    .min(1)
    .max(1_000_000)
    .default(2)
    .describe('most occurrences of a mention in the training documents, to be put in for others'),
  tries: z.int().min(1).max(1_000_000).default(20).describe('mentions that are tried in the place of each'),
  rankBy: z
    .enum(['suit', 'fit', 'score', 'change'])
    .default('suit')
    .describe(
      "score: the sentence's likelihood; change: that against the original sentence; fit: that beside the candidates of the same original and those with the same substitute; suit: fit, and how alike the words are that the model expects in the substitute's place and in the original's",
    ),
  minimumScore: z
    .number()
    .nullable()
    .default(null)
    .describe('least value, of what the ranking is by, that is kept; null: any'),
  maximumPerOriginal: z
    .int()
    .min(1)
    .max(1_000_000)
    .default(2)
    .describe('most examples that are kept of one original'),
  maximumPerSubstitute: z
    .int()
    .min(1)
    .max(1_000_000)
    .default(3)
    .describe('most examples that are kept with one substitute'),
  scoring: z
    .strictObject({
      weights: path
        .default('models/bert-base-multilingual-cased')
        .describe('folder of an encoder with its masked-LM head'),
      vocabulary: path
        .nullable()
        .default(null)
        .describe('vocab.txt or tokenizer.json; null: that of the weights folder'),
      method: z
        .enum(['pseudo', 'pseudoWord', 'onePass'])
        .default('pseudoWord')
        .describe(
          'pseudo: each piece masked in turn; pseudoWord: with what follows of its word; onePass: none masked, many times faster, and hardly better than chance',
        ),
      scored: z
        .enum(['edge', 'window', 'both'])
        .default('edge')
        .describe(
          'edge: the pieces around the substitute and its first word; window: those around it; both: all of it and those around it',
        ),
      window: z
        .int()
        .min(0)
        .max(512)
        .nullable()
        .default(4)
        .describe('pieces on either side that are scored; null: the whole sentence'),
      cache: path
        .default('.cache/likelihood')
        .describe('folder that keeps what is computed, by model and sentence'),
    })
    .prefault({})
    .describe('the likelihood of a masked language model'),
});
