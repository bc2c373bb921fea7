import { z } from 'zod';

const share = z.number().min(0).max(1);

/** What makes a score the share of such spans that are right, as files have it: a temperature, or points [score, share] of a curve. */
export const calibration1 = z.union([z.number().positive(), z.array(z.tuple([share, share])).min(1)]);
