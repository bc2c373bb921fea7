import { z } from 'zod';
import { layerNumber, MOST_EPOCHS, partialShare, path } from './values.js';

export const pretrainingSchema = z.strictObject({
  texts: path
    .nullable()
    .default(null)
    .describe('folder of .txt files to read; null: the texts of data.corpus, without their labels'),
  heldOutShare: partialShare
    .default(0.05)
    .describe('share of the texts that is kept back, to measure by; 0: none'),
  epochs: z.int().min(1).max(MOST_EPOCHS).default(3).describe('passes over the texts'),
  rate: z.number().positive().default(5e-5).describe('highest learning rate; it falls to 0 in a line'),
  warmupShare: partialShare.default(0.06).describe('share of the steps over which it rises from 0 before'),
  maskedShare: partialShare
    .gt(0)
    .default(0.15)
    .describe('share of the pieces that is to be guessed, drawn anew each time'),
  wholeWords: z.boolean().default(true).describe('hide all pieces of a word, or none'),
  frozen: z
    .array(z.union([z.literal('embeddings'), layerNumber]))
    .default([])
    .describe('what is not trained: a list of `embeddings` and numbers of the layers that are taken'),
  teacher: z
    .number()
    .min(0)
    .max(1e6)
    .default(0)
    .describe(
      "weight of the squared distance between the encoder's outputs and those of all layers of encoder.weights, which makes fewer encoder.layers stand for all of them again; 0: no teacher",
    ),
});
