import { z } from 'zod';
import type { StoredFormat } from './stored.js';

const offset = z.int().min(0);
const range = { start: offset, end: offset, text: z.string() };

const line1 = z.object({
  /** The document of the new corpus; null: the candidate was not kept. */
  name: z.string().nullable(),
  label: z.string(),
  /** In its training document. */
  original: z.object({ document: z.string(), ...range }),
  /** In the new sentence; `sources`: the training documents that have it. */
  substitute: z.object({ sources: z.array(z.string()), ...range }),
  sentence: z.string(),
  /** Mean log-probability of the pieces scored; that of the original sentence; the difference. */
  score: z.number(),
  originalScore: z.number(),
  change: z.number(),
  /** The score beside those of the same original and of the same substitute. */
  fit: z.number(),
  /** How alike the places of the original and the substitute are, from 0 downwards; with the fit: suit. */
  likeness: z.number(),
  suit: z.number(),
  rank: z.number(),
  kept: z.boolean(),
});

/** Where a candidate comes from and how it fared. Offsets are code points. */
export type Provenance = z.output<typeof line1>;

/** A line of augmented.jsonl. */
export const augmentedFormat: StoredFormat<Provenance> = {
  what: 'where a new example comes from',
  advice: 'augment again',
  versions: { 1: line1 },
};

/**
 * What a line of a cache holds beside its key: of likelihoods, and of expectations. Lines that are none are computed
 * again.
 */
export const cachedScore = z.object({ score: z.number(), pieces: z.number() });
export const cachedExpectation = z.object({
  pieces: z.array(z.int()),
  probabilities: z.array(z.number()),
});
export const cacheKey = z.looseObject({ key: z.string() });
