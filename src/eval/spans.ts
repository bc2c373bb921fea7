import type { Span } from '../data/document.js';
import { noCounts, scoresOf, type Counts, type Scores } from './scores.js';

/** A span as it is scored. `offsets` is how its file writes them, where it was read from one. */
export interface ScoredSpan extends Span {
  offsets?: string;
  text?: string;
  /** How probable a prediction was to the model, where that is known. */
  score?: number;
}

/** Spans by document. The gold's keys say which documents are scored, those without spans included. */
export type SpansByDocument = ReadonlyMap<string, readonly ScoredSpan[]>;

export const SPAN_SEMANTICS = 'MEDDOPROF official, micro, exact';
/** The same of files of which every span was read, where the official rule leaves some out. */
export const EVERY_SPAN_SEMANTICS = 'every span, micro, exact';

/**
 * Scores predicted spans as the shared task's evaluation library does: a prediction counts when document,
 * label and offsets are those of a gold span. Duplicates count once, labels outside `labels` not at all;
 * documents that the gold lacks are ignored, gold documents without predictions are missed.
 *
 * Unlike the library it takes no predictions for scores of 0, not for a mistake: an untrained model has none.
 */
export function scoreSpans(
  gold: SpansByDocument,
  predicted: SpansByDocument,
  labels: readonly string[],
  semantics = SPAN_SEMANTICS,
): Scores {
  const perLabel = new Map<string, Counts>(labels.map((label) => [label, noCounts()]));
  for (const [document, spans] of gold) {
    const truth = uniqueSpans(spans, labels);
    const found = uniqueSpans(predicted.get(document) ?? [], labels);
    for (const [key, { label }] of found)
      perLabel.get(label)![truth.has(key) ? 'truePositives' : 'falsePositives']++;
    for (const [key, { label }] of truth) if (!found.has(key)) perLabel.get(label)!.falseNegatives++;
  }
  return scoresOf(semantics, perLabel);
}

/** The spans that count, by what makes two of them the same. */
export function uniqueSpans(
  spans: readonly ScoredSpan[],
  labels: readonly string[],
): Map<string, ScoredSpan> {
  const unique = new Map<string, ScoredSpan>();
  for (const span of spans) {
    const key = `${span.label}\t${offsetsOf(span)}`;
    if (labels.includes(span.label) && !unique.has(key)) unique.set(key, span);
  }
  return unique;
}

/** The offsets as the official scorer compares them: as a string. */
export function offsetsOf({ offsets, start, end }: ScoredSpan): string {
  return offsets ?? `${start} ${end}`;
}
