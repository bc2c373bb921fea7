import { z } from 'zod';

/** Which points stand in the space where a mention's nearest ones are looked for. */
export const pointsSchema = (defaults: { mentions: boolean; centroids: boolean }) =>
  z
    .strictObject({
      labels: z.boolean().default(true).describe('labels of the codes, each form between slashes a point'),
      alternatives: z.boolean().default(false).describe('alternative labels of the codes'),
      mentions: z.boolean().default(defaults.mentions).describe('mentions of the training documents'),
      centroids: z.boolean().default(defaults.centroids).describe("the mean of each code's points"),
    })
    .prefault({})
    .describe('what is compared with a mention');
export const neighbours = z
  .int()
  .min(1)
  .max(1_000_000)
  .nullable()
  .default(null)
  .describe('so many nearest points vote for their codes; null: a code is as near as its nearest point');
export const votePower = z
  .number()
  .min(0)
  .default(10)
  .describe('a vote weighs the similarity raised to this; only with `neighbours`');

export const ngrams = z
  .tuple([z.int().min(1).max(100), z.int().min(1).max(100)])
  .refine(([shortest, longest]) => shortest <= longest, 'the shortest length comes first')
  .default([2, 5])
  .describe('shortest and longest sequence of characters, within words');
export const partWeight = (weight: number) =>
  z.number().min(0).default(weight).describe("weight of this part in a code's score; 0: not used");
