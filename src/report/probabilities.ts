import type { Document } from '../data/document.js';
import { thresholdOf } from '../data/decode.js';
import type { Scored } from '../eval/calibrate.js';
import { reliabilityOf, type Reliability } from '../eval/reliability.js';
import { ratiosOf } from '../eval/scores.js';
import { found } from '../eval/steadyThresholds.js';
import type { DocumentCandidates } from '../formats/candidates.js';
import type { Codings } from '../formats/codings.js';
import type { TunedThresholds } from '../formats/tuned.js';
import { goldCandidates } from '../runFolder/codings.js';
import type { FinishedRun } from '../runFolder/finished.js';
import { foundScores, scoredDocument, undecidedBecause, type ScoredDocument } from '../runFolder/tuning.js';
import type { ThresholdPoint, TrackProbabilities } from './data.js';

/** Thresholds of a curve. */
const THRESHOLDS = Array.from({ length: 99 }, (_, i) => (i + 1) / 100);

/** The threshold of the published system. */
const PUBLISHED = 0.5;

/**
 * How often spans are right by their scores, and what other thresholds would find, label by label; undefined where what
 * that needs is not kept of every document.
 */
export function probabilitiesOf(
  { config }: Pick<FinishedRun, 'config'>,
  documents: readonly Document[],
  candidates: ReadonlyMap<string, DocumentCandidates>,
  tuned: TunedThresholds | undefined,
): TrackProbabilities[] | undefined {
  if (!documents.every(({ name }) => candidates.has(name))) return undefined;
  const isDecided = undecidedBecause(config) === undefined;
  return Object.entries(config.tasks).map(([track, { labels }]) => {
    const scored = documents.map((document) =>
      scoredDocument(document, candidates.get(document.name)!, track, labels),
    );
    const scores = documents.map((document) =>
      foundScores(document, candidates.get(document.name)!, track, labels),
    );
    return {
      track,
      labels: labels.map((label, i) => {
        const own = scores.flatMap((ofDocument): Scored[] => ofDocument[i]!);
        const reliability = reliabilityOf(own);
        if (!isDecided) return { label, reliability };
        const at = (threshold: number) => pointAt(scored, i, threshold);
        const now = thresholdOf(label, config.decoding);
        const then = tuned && Object.hasOwn(tuned.thresholds, label) ? tuned.thresholds[label]! : now;
        return {
          label,
          reliability,
          curve: THRESHOLDS.map(at),
          published: at(PUBLISHED),
          now: now === PUBLISHED ? undefined : at(now),
          tuned: then === now ? undefined : at(then),
        };
      }),
    };
  });
}

/** How often the best codes of gold mentions are right, by their share among those that were considered. */
export function codeReliability(
  documents: readonly Document[],
  codings: Codings | undefined,
): Reliability | undefined {
  return codings && reliabilityOf(goldCandidates(documents, codings).filter(({ isFirst }) => isFirst));
}

function pointAt(documents: readonly ScoredDocument[], label: number, threshold: number): ThresholdPoint {
  const spans = documents.flatMap((document) => found(document.spans[label]!, threshold));
  const gold = documents.reduce((sum, document) => sum + document.gold[label]!, 0);
  const right = spans.filter((span) => span.right).length;
  const { precision, recall, f1 } = ratiosOf({
    truePositives: right,
    falsePositives: spans.length - right,
    falseNegatives: gold - right,
  });
  return { threshold, found: spans.length, precision, recall, f1 };
}
