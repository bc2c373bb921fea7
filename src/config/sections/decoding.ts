import { z } from 'zod';
import { recordOf } from '../../files/recordOf.js';
import { share, label } from './values.js';

export const decodingSchema = z.strictObject({
  pooling: z
    .enum(['mean', 'max', 'first'])
    .default('mean')
    .describe("how the probabilities of a word's pieces become the word's"),
  threshold: share.default(0.5).describe('least probability of a label'),
  thresholds: recordOf(label, share).prefault({}).describe('least probability by label, where it differs'),
  overlap: z
    .enum(['allow', 'best'])
    .default('allow')
    .describe('where labels of one task overlap: allow both, or keep the most probable'),
  windowStride: z
    .int()
    .min(1)
    .max(512)
    .nullable()
    .default(null)
    .describe("pieces from one window's start to the next at prediction; null: as data.windowStride"),
});
