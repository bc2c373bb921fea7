import { z } from 'zod';
import type { StoredFormat } from './stored.js';

const codings1 = z.object({
  task: z.string(),
  mentions: z.array(
    z.object({
      text: z.string(),
      label: z.string().optional(),
      candidates: z.array(z.object({ code: z.string(), score: z.number(), exact: z.boolean() })),
      neighbours: z.array(
        z.object({
          space: z.string(),
          source: z.string(),
          text: z.string(),
          code: z.string(),
          similarity: z.number(),
        }),
      ),
    }),
  ),
});

/**
 * What spoke for the codes of the mentions of the documents that are scored, gold and predicted ones. Every mention is there
 * once for each label of `task` that it has: its codes depend on nothing else.
 */
export type Codings = z.output<typeof codings1>;

/** codings.json in the folder of a run. */
export const codingsFormat: StoredFormat<Codings> = {
  what: 'what spoke for the codes of a run',
  advice: 'remove it, or write it again with `meddoprof train --resume` and the folder of the run',
  versions: { 1: codings1 },
};
