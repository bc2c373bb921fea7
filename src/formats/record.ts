import { z } from 'zod';
import { recordOf } from '../files/recordOf.js';
import type { StoredFormat } from './stored.js';

const name = z.string();
const record1 = z.object({
  started: z.string(),
  /** When its evaluation was written. */
  finished: z.string().optional(),
  /** Of all its sessions that ended by themselves, from reading the corpus to the last file. */
  seconds: z.number().optional(),
  /** Most memory that its process held at once, in MiB; a GPU's own is not in it. */
  peakMemoryMiB: z.number().optional(),
  versions: recordOf(name, z.string()).refine(
    (versions) => 'meddoprof' in versions,
    'the version of meddoprof is missing',
  ),
  engine: z.object({ name: z.string(), device: z.string(), description: z.string() }),
  hardware: z.object({ processor: z.string(), threads: z.int(), memoryGiB: z.number() }),
  git: z.object({ commit: z.string(), dirty: z.boolean() }).nullable(),
  corpus: z.object({ folder: z.string(), hash: z.string(), documents: z.int() }),
  seed: z.int(),
  command: z.array(z.string()),
});

/** Of a run that learned from others: these, a checkpoint by the hash of its files. */
const record2 = record1.extend({
  format: z.literal(2),
  teachers: z.array(z.object({ run: z.string(), hash: z.string() })),
});

/** Of a run that was given examples: their folder, by the hash of its files. The teachers may be none. */
const record3 = record2.extend({
  format: z.literal(3),
  examples: z.object({ folder: z.string(), hash: z.string(), documents: z.int() }),
});

/**
 * What a run was made with, and from its end on what it took.
 * @useDeclaredType
 */
export type RunRecord = z.output<typeof record1> &
  Partial<Pick<z.output<typeof record3>, 'teachers' | 'examples'>> & { format?: 2 | 3 };

/** run.json in the folder of a run. */
export const recordFormat: StoredFormat<RunRecord> = {
  what: 'the record of a run',
  advice: 'put the file back, or train again in another folder',
  versions: { 1: record1, 2: record2, 3: record3 },
};

const failure1 = z.object({ at: z.string(), message: z.string() });

/** What a run ended with that did not reach its end. */
export type Failure = z.output<typeof failure1>;

/** failure.json in the folder of a run. */
export const failureFormat: StoredFormat<Failure> = {
  what: 'the reason why a run failed',
  advice: 'remove it',
  versions: { 1: failure1 },
};
