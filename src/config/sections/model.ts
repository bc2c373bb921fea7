import { z } from 'zod';
import { heads, outputKinds, schemes, trunks } from '../choices.js';
import { partialShare } from './values.js';

export const modelSchema = z.strictObject({
  head: z
    .enum(heads)
    .default('sigmoid')
    .describe(
      'what makes spans: sigmoid: a probability for every word and tag, as in the published system; crf: the best path of tags through the whole document, one for each word (a conditional random field), or with decoding.paths: all what is probable over all paths; pooling does not apply; spans: a score for every pair of first and last word, so that spans may be nested or side by side',
    ),
  trunk: z.enum(trunks).default('bilstm').describe('what stands between the encoder and the head'),
  layerMix: z
    .boolean()
    .default(false)
    .describe(
      'true: the trunk reads a learned mixture of the outputs of all layers of the encoder, not that of the last one; those of a frozen encoder are then computed anew in each step',
    ),
  scheme: z
    .enum(schemes)
    .default('IO')
    .describe(
      'how spans become word labels: inside; begin, inside; begin, inside, unit; the head spans ignores it',
    ),
  outputs: z
    .enum(outputKinds)
    .default('perTask')
    .describe("perTask: one output per task; joint: one over the cross product of the tasks' labels"),
  lstmUnits: z.int().min(1).max(16_384).default(256).describe('units of the BiLSTM, per direction'),
  dropout: partialShare.default(0.1).describe('dropout before and after the trunk'),
  crf: z
    .strictObject({
      agree: z
        .boolean()
        .default(false)
        .describe(
          'true: the tasks find the same spans, each with its own label: their chains are one, learned and decoded as such, whose paths score the sum of theirs',
        ),
    })
    .prefault({})
    .describe('of the head crf'),
  spans: z
    .strictObject({
      longest: z
        .int()
        .min(1)
        .max(512)
        .default(16)
        .describe(
          "most words of a span; longer ones are neither learned nor found; MEDDOPROF's longest have 11",
        ),
      size: z
        .int()
        .min(2)
        .max(4096)
        .multipleOf(2)
        .default(64)
        .describe("width of what a span's first and last word are compared by"),
      agree: z
        .boolean()
        .default(false)
        .describe(
          'true: a span that one task finds gets a label of every task, and of spans that overlap the tasks keep the one for which their probabilities add up to the most; decoding.overlap then has no effect',
        ),
    })
    .prefault({})
    .describe('of the head spans; decoding.pooling has no effect on it'),
});
