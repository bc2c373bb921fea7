import { codePoints } from '../data/codepoints.js';
import type { CodedRow } from '../data/norm.js';
import type { Normalizer } from '../normalize/normalizer.js';
import type { Prediction } from './predict.js';

/** A row of the NORM table, and the best codes for its span, this one first. */
export interface CandidateRow extends CodedRow {
  candidates: string[];
}

/** Candidates of each span. */
const BEST = 5;

/**
 * Codes for the spans of one document, of the task that the normalizer's settings name; a row for each pair
 * of offsets, in order. A span whose code is not sure enough has none.
 */
export async function codeSpans(
  normalizer: Normalizer,
  tasks: readonly string[],
  { name, text, spans }: Pick<Prediction, 'name' | 'text' | 'spans'>,
): Promise<CandidateRow[]> {
  const found = spans[normalizer.settings.task ?? tasks[0]!] ?? [];
  const unique = [...new Map(found.map((span) => [`${span.start} ${span.end}`, span])).values()];
  if (unique.length === 0) return [];
  const points = codePoints(text);
  const mentions = unique.map(({ label, start, end }) => ({ text: points.slice(start, end), label }));
  const codings = await normalizer.code(mentions, { candidates: BEST });
  return unique.flatMap(({ start, end }, i) => {
    const { code, candidates } = codings[i]!;
    if (code === null) return [];
    const row = { filename: name, text: mentions[i]!.text, span: { start, end }, code };
    return [{ ...row, candidates: candidates.map((one) => one.code) }];
  });
}
