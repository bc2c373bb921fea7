import { z } from 'zod';
import type { StoredFormat } from './stored.js';

const offset = z.int().min(0);
const share = z.number().min(0).max(1);

const span1 = z.object({
  document: z.string(),
  task: z.string(),
  label: z.string(),
  /** Code points into the text; `end` is exclusive. */
  start: offset,
  end: offset,
  text: z.string(),
  /** How probable the span is to the model. */
  score: share,
  /** What norm.tsv has for it; null where no code is sure enough, absent where none was looked for. */
  code: z.string().nullable().optional(),
  /** The codes that it may have, the best first. */
  codes: z
    .array(z.object({ code: z.string(), score: z.number(), probability: share, exact: z.boolean() }))
    .optional(),
});

/** A span that was predicted, with what speaks for it and for its codes. */
export type FoundSpanLine = z.output<typeof span1>;

/** A line of spans.jsonl beside the files of a submission. */
export const foundSpanFormat: StoredFormat<FoundSpanLine> = {
  what: 'a predicted span',
  advice: 'predict again, into another folder',
  versions: { 1: span1 },
};
