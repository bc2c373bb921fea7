import { z } from 'zod';
import { recordOf } from '../../files/recordOf.js';
import { decodedPaths } from '../choices.js';
import { share, label } from './values.js';

/** A temperature, or points of a curve. */
const calibration = z.union([z.number().positive().max(1e5), z.array(z.tuple([share, share])).min(1)]);

export const decodingSchema = z.strictObject({
  paths: z
    .enum(decodedPaths)
    .default('best')
    .describe(
      'of the head crf: best: the spans of the best path of tags, to which threshold and overlap do not apply; all: those whose probability, over all paths, reaches their threshold',
    ),
  pooling: z
    .enum(['mean', 'max', 'first'])
    .default('mean')
    .describe("how the probabilities of a word's pieces become the word's"),
  threshold: share.default(0.5).describe('least probability of a label'),
  thresholds: recordOf(label, share).prefault({}).describe('least probability by label, where it differs'),
  calibration: recordOf(label, calibration)
    .prefault({})
    .describe(
      'what makes the scores of spans the share of them that is right, by label: a temperature, or points [score, share] of a curve; meddoprof tune --calibrate finds it',
    ),
  codeCalibration: calibration
    .nullable()
    .default(null)
    .describe('the same of the probabilities of codes; null: they stay'),
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
