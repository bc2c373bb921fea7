import { z } from 'zod';

const share = z.number().min(0).max(1);

/** Points [score, share], in ascending order of their scores. */
const curve = z
  .array(z.tuple([share, share]))
  .min(1)
  .refine(
    (points) => points.every(([score], i) => i === 0 || score > points[i - 1]![0]),
    'the scores of a curve ascend',
  );

/** What makes a score the share of such spans that are right, as files have it: a temperature, or a curve. */
export const calibration1 = z.union([z.number().positive(), curve]);
