import { compareStrings } from '../data/document.js';
import { offsetsOf, uniqueSpans, type ScoredSpan } from './spans.js';

/**
 * What became of a gold span or of a prediction:
 * `correct`; `label`: same offsets, other label; `boundary`: same label, overlapping, other offsets;
 * `labelAndBoundary`: overlapping, both other; `missed`: gold without a prediction; `invented`: the reverse.
 */
export const outcomes = ['correct', 'label', 'boundary', 'labelAndBoundary', 'missed', 'invented'] as const;
/**
 * What became of a gold span or of a prediction: see `ErrorAnalysis`.
 * @useDeclaredType
 */
export type Outcome = (typeof outcomes)[number];

export interface Pair {
  outcome: Outcome;
  gold?: ScoredSpan;
  predicted?: ScoredSpan;
}

/**
 * Pairs the gold spans of a document with its predictions, each at most once: exact ones first, then same
 * offsets, then same label, then any overlap; among equals those that share most of their extent. What is
 * left over is missed or invented. Greedy, and the same with gold and predictions exchanged.
 */
export function pairSpans(
  gold: readonly ScoredSpan[],
  predicted: readonly ScoredSpan[],
  labels: readonly string[],
): Pair[] {
  const missed = uniqueSpans(gold, labels);
  const invented = uniqueSpans(predicted, labels);
  const pairs: Pair[] = [];
  for (const [key, span] of missed)
    if (invented.has(key)) {
      pairs.push({ outcome: 'correct', gold: span, predicted: invented.get(key)! });
      missed.delete(key);
      invented.delete(key);
    }

  const goldLeft = new Set(missed.values());
  const predictedLeft = new Set(invented.values());
  for (const { outcome, gold, predicted } of candidates(goldLeft, predictedLeft)) {
    if (!goldLeft.has(gold) || !predictedLeft.has(predicted)) continue;
    pairs.push({ outcome, gold, predicted });
    goldLeft.delete(gold);
    predictedLeft.delete(predicted);
  }
  for (const span of goldLeft) pairs.push({ outcome: 'missed', gold: span });
  for (const span of predictedLeft) pairs.push({ outcome: 'invented', predicted: span });
  return pairs;
}

interface Candidate {
  outcome: Outcome;
  gold: ScoredSpan;
  predicted: ScoredSpan;
  /** Shared part of the extent of both together. */
  share: number;
  centre: number;
  labels: string;
}

/** All pairs that touch, best first. */
function candidates(gold: Iterable<ScoredSpan>, predicted: Set<ScoredSpan>): Candidate[] {
  const found: Candidate[] = [];
  for (const a of gold)
    for (const b of predicted) {
      const outcome = outcomeOf(a, b);
      if (outcome === undefined) continue;
      const shared = Math.min(a.end, b.end) - Math.max(a.start, b.start);
      const extent = Math.max(a.end, b.end) - Math.min(a.start, b.start);
      const share = extent > 0 ? shared / extent : 0;
      const centre = a.start + a.end + b.start + b.end || 0;
      const both = [a.label, b.label].sort(compareStrings).join('\t');
      found.push({ outcome, gold: a, predicted: b, share, centre, labels: both });
    }
  return found.sort(
    (x, y) =>
      outcomes.indexOf(x.outcome) - outcomes.indexOf(y.outcome) ||
      y.share - x.share ||
      x.centre - y.centre ||
      compareStrings(x.labels, y.labels),
  );
}

function outcomeOf(gold: ScoredSpan, predicted: ScoredSpan): Outcome | undefined {
  if (offsetsOf(gold) === offsetsOf(predicted)) return 'label';
  if (!(Math.max(gold.start, predicted.start) < Math.min(gold.end, predicted.end))) return undefined;
  return gold.label === predicted.label ? 'boundary' : 'labelAndBoundary';
}
