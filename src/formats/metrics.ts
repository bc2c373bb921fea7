import { z } from 'zod';
import { recordOf } from '../files/recordOf.js';
import { computed, type StoredFormat } from './stored.js';

const name = z.string();
const count = z.int().min(0);
/** What is asked of scores in a line; they have more. */
const share = z.number().min(0).max(1);
const scores: z.ZodType<Record<string, { f1: number }>> = recordOf(name, z.looseObject({ f1: share }));
/** `seconds` of training and validation until then, earlier sessions included. */
const place = { step: count, epoch: count, seconds: z.number() };

const line1 = z.discriminatedUnion('kind', [
  z.looseObject({
    kind: z.literal('step'),
    ...place,
    rate: z.number(),
    loss: computed,
    gradientNorm: computed,
    /** Token-wise, by output. */
    tokens: scores,
  }),
  z.looseObject({
    kind: z.literal('epoch'),
    ...place,
    isBest: z.boolean(),
    f1: share.optional(),
    /** By task, and word-wise by output; none where nothing was validated. */
    tasks: scores,
    words: scores,
  }),
]);

/** A logged step, or an epoch. */
export type LoggedLine = z.output<typeof line1>;

/** A line of metrics.jsonl in the folder of a run. */
export const metricsFormat: StoredFormat<LoggedLine> = {
  what: 'a logged step or epoch',
  advice: 'take the line out, or put the file back',
  versions: { 1: line1 },
};
