import { codePoints } from '../data/codepoints.js';
import type { Span } from '../data/document.js';
import { addConfusion, emptyConfusion, type Confusion } from './confusion.js';
import { outcomes, pairSpans, type Outcome, type Pair } from './pairs.js';
import type { ScoredSpan, SpansByDocument } from './spans.js';

/** How many gold spans and predictions are of each outcome. */
export type OutcomeCounts = Record<Outcome, number>;
/** Outcomes that are wrong. */
export type ErrorKind = Exclude<Outcome, 'correct'>;

/** A gold span, a prediction, or both where they were taken for each other. */
export interface ErrorExample {
  document: string;
  gold?: Span & { text: string };
  predicted?: Span & { text: string };
}

/**
 * The detail that precision and recall hide. Every gold span and every prediction is in one outcome: correct; label: same
 * offsets, other label; boundary: same label, overlapping, other offsets; labelAndBoundary: overlapping, both other; missed:
 * gold without a prediction; invented: the reverse.
 */
export interface ErrorAnalysis {
  outcomes: OutcomeCounts;
  /** By the gold's label; inventions by their own. */
  perLabel: Record<string, OutcomeCounts>;
  /** On spans: gold by predicted label of each pair, and none. */
  confusion: Confusion;
  examples: Record<ErrorKind, ErrorExample[]>;
}

export interface AnalysisOptions {
  /** Most examples of each kind; 0 by default. */
  examples?: number;
  /** Texts by document, for examples; without one, a span's own text is shown. */
  texts?: ReadonlyMap<string, string>;
}

/**
 * Tells the kinds of errors apart. False positives are label + boundary + labelAndBoundary + invented, false
 * negatives the same with missed; documents, labels and duplicates count as in `scoreSpans`.
 */
export function analyseErrors(
  gold: SpansByDocument,
  predicted: SpansByDocument,
  labels: readonly string[],
  { examples: limit = 0, texts = new Map() }: AnalysisOptions = {},
): ErrorAnalysis {
  const total = noOutcomes();
  const perLabel = Object.fromEntries(labels.map((label) => [label, noOutcomes()]));
  const confusion = emptyConfusion(labels);
  const examples = { label: [], boundary: [], labelAndBoundary: [], missed: [], invented: [] } as Record<
    ErrorKind,
    ErrorExample[]
  >;
  for (const [document, spans] of gold)
    for (const pair of pairSpans(spans, predicted.get(document) ?? [], labels)) {
      const { outcome } = pair;
      total[outcome]++;
      perLabel[(pair.gold ?? pair.predicted)!.label]![outcome]++;
      addConfusion(confusion, pair.gold?.label, pair.predicted?.label);
      if (outcome !== 'correct' && examples[outcome].length < limit)
        examples[outcome].push(exampleOf(document, pair, texts.get(document)));
    }
  return { outcomes: total, perLabel, confusion, examples };
}

function noOutcomes(): OutcomeCounts {
  return Object.fromEntries(outcomes.map((outcome) => [outcome, 0])) as OutcomeCounts;
}

function exampleOf(document: string, { gold, predicted }: Pair, text: string | undefined): ErrorExample {
  const side = ({ label, start, end, text: own }: ScoredSpan) => ({
    label,
    start,
    end,
    text: text === undefined ? (own ?? '') : codePoints(text).slice(start, end),
  });
  return { document, gold: gold && side(gold), predicted: predicted && side(predicted) };
}
