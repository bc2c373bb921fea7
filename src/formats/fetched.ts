import { z } from 'zod';
import { recordOf } from '../files/recordOf.js';
import type { StoredFormat } from './stored.js';

const fetched1 = z.object({
  source: z.string(),
  /** Exactly what was got: a commit, a version. */
  resolved: z.string(),
  /** ISO 8601. */
  date: z.string(),
  files: recordOf(z.string(), z.object({ size: z.number(), sha256: z.string() })),
});

/** Where a folder came from, and every file's size and checksum. */
export type FetchRecord = z.output<typeof fetched1>;

/** fetched.json in a folder that was fetched. */
export const fetchedFormat: StoredFormat<FetchRecord> = {
  what: 'the record of what was fetched',
  advice: 'delete the folder and fetch again',
  versions: { 1: fetched1 },
};

/** What is known of a part of a download, in .part.json beside it. One that is damaged begins anew. */
export const partSchema = z.object({
  url: z.string(),
  version: z.string(),
  etag: z.string().nullable(),
});
