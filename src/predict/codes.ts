import { calibrated, sharesOf, type Calibration } from '../data/calibration.js';
import { codePoints } from '../data/codepoints.js';
import { spanAt, type Span } from '../data/document.js';
import type { CodedRow } from '../data/norm.js';
import type { Mention } from '../normalize/knowledge.js';
import { codedTaskOf, type Coding, type CodingOptions, type Normalizer } from '../normalize/normalizer.js';

/** A code that a span may have. */
export interface ScoredCode {
  code: string;
  /** As the normalizer scores it: without bounds. */
  score: number;
  /** Its share among the codes that were considered: of exp(score); or what a calibration makes of that. */
  probability: number;
  /** Whether the mention is known word for word. */
  exact: boolean;
}

/** A row of the NORM table, and the best codes for its span, this one first. */
export interface CandidateRow extends CodedRow {
  candidates: ScoredCode[];
}

/** A predicted span as a mention, and what was found for it. */
export interface CodedSpan {
  mention: Mention & { start: number; end: number };
  coding: Coding;
}

/**
 * Finds codes for the spans of one document, of the task that the normalizer's settings name; each pair of
 * offsets once, in order.
 */
export async function codeSpans(
  normalizer: Normalizer,
  tasks: readonly string[],
  { text, spans }: { text: string; spans: Record<string, readonly Span[]> },
  options: CodingOptions = { candidates: 5 },
): Promise<CodedSpan[]> {
  const found = spans[codedTaskOf(normalizer.settings, tasks)] ?? [];
  const unique = found.filter((span) => spanAt(found, span) === span);
  if (unique.length === 0) return [];
  const points = codePoints(text);
  const mentions = unique.map(({ label, start, end }) => {
    return { text: points.slice(start, end), label, start, end };
  });
  const codings = await normalizer.code(mentions, options);
  return mentions.map((mention, i) => ({ mention, coding: codings[i]! }));
}

/** Their rows of the NORM table. A span whose code is not sure enough has none. */
export function rowsOf(
  document: string,
  coded: readonly CodedSpan[],
  calibration: Calibration | null = null,
): CandidateRow[] {
  return coded.flatMap(({ mention: { text, start, end }, coding: { code, candidates } }) => {
    if (code === null) return [];
    const row = { filename: document, text, span: { start, end }, code };
    return [{ ...row, candidates: scoredCodes(candidates, calibration) }];
  });
}

/** Candidates with what each is worth beside the others, calibrated where there is a calibration. */
export function scoredCodes(
  candidates: readonly Pick<ScoredCode, 'code' | 'score' | 'exact'>[],
  calibration: Calibration | null,
): ScoredCode[] {
  const shares = sharesOf(candidates.map(({ score }) => score));
  return candidates.map(({ code, score, exact }, i) => {
    return { code, score, probability: calibrated(shares[i]!, calibration ?? undefined), exact };
  });
}
