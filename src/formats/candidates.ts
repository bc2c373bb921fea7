import { z } from 'zod';
import { recordOf } from '../files/recordOf.js';
import type { StoredFormat } from './stored.js';

const offset = z.int().min(0);
const share = z.number().min(0).max(1);
const label = z.string();
const spans = <T extends z.ZodType>(span: T) => recordOf(z.string(), z.array(span));

const line1 = z.object({
  document: z.string(),
  /** By task: what the model's own decoding finds. Offsets are code points, `end` is exclusive. */
  found: spans(z.tuple([offset, offset, label, share])), // start, end, label, score
  /** By task: what any threshold would find: those greater than the fifth value, up to the sixth. */
  candidates: spans(z.tuple([offset, offset, label, share, z.number().min(-1).max(1), share])),
});

/** The spans of a document that is scored, with their scores. */
export type DocumentCandidates = z.output<typeof line1>;

/** A line of candidates.jsonl beside the predictions of a run. */
export const candidatesFormat: StoredFormat<DocumentCandidates> = {
  what: 'the spans that a document may have',
  advice: 'remove the file: meddoprof tune makes it again',
  versions: { 1: line1 },
};
