import { z } from 'zod';
import { path, share } from './values.js';

export const teacherSchema = z.strictObject({
  runs: z
    .array(path)
    .default([])
    .describe(
      'trained runs; the mean of their scores is learned beside the labels (heads sigmoid and crf), as in [runs/a-1-f1, runs/a-1-f2]; {fold} in a name stands for data.fold; none: the labels alone',
    ),
  weight: share
    .default(0.5)
    .describe(
      "the teachers' share: what is learned of a word is weight × the probability that their mean gives it + (1 - weight) × the label; of a chain, of each move from tag to tag",
    ),
  seen: z
    .enum(['skip', 'teach', 'refuse'])
    .default('skip')
    .describe(
      'a document that a teacher was trained on; skip: only the others teach it, and where there are none, it is learned from its labels alone; teach: all teach it; refuse: a document without a teacher is an error',
    ),
  cache: path
    .default('.cache/teachers')
    .describe('folder that keeps what teachers say, by model and text, for all runs'),
});
