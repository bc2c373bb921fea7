import { z } from 'zod';
import { isFileName } from '../files/inside.js';
import type { StoredFormat } from './stored.js';

const names = z.array(z.string().refine(isFileName, 'no document has such a name'));
const split1 = z.object({
  seed: z.int(),
  training: names,
  /** They choose the best epoch. None: the last one is taken. */
  validation: names,
  /** They neither train nor choose, and are scored at the end; without, the validation documents are. */
  test: names.optional(),
});

/** Which documents train and which are held out; names sorted. */
export type Split = z.output<typeof split1>;

/** split.json in the folder of a run; others are written by hand. */
export const splitFormat: StoredFormat<Split> = {
  what: 'a split',
  advice:
    'it needs `seed`, a whole number, and `training` and `validation`, lists of names of documents; it may have `test`, a third one',
  versions: { 1: split1 },
};
