import type { Config } from '../config/schema.js';
import type { Document } from '../data/document.js';
import type { Scored } from '../eval/calibrate.js';
import { uniqueSpans } from '../eval/spans.js';
import type { TuningDocument } from '../eval/steadyThresholds.js';
import type { ThresholdedSpan } from '../eval/thresholds.js';
import type { DocumentCandidates } from '../formats/candidates.js';

/** A document's candidates of a task with their scores. */
export interface ScoredDocument extends TuningDocument {
  name: string;
  spans: (ThresholdedSpan & Scored)[][];
}

/** What thresholds can find in a document, and its gold spans, label by label in the order of the labels. */
export function scoredDocument(
  document: Document,
  { candidates }: DocumentCandidates,
  task: string,
  labels: readonly string[],
): ScoredDocument {
  const { gold, isRight } = goldOf(document, task, labels);
  return {
    name: document.name,
    spans: labels.map((label) =>
      (candidates[task] ?? [])
        .filter((span) => span[2] === label)
        .map(([start, end, , score, above, upTo]) => {
          return { score, above, upTo, right: isRight(label, start, end) };
        }),
    ),
    gold: labels.map((label) => gold.filter((span) => span.label === label).length),
  };
}

/** The scores of what a run found in a document, label by label in the order of the labels. */
export function foundScores(
  document: Document,
  { found }: DocumentCandidates,
  task: string,
  labels: readonly string[],
): Scored[][] {
  const { isRight } = goldOf(document, task, labels);
  return labels.map((label) =>
    (found[task] ?? [])
      .filter((span) => span[2] === label)
      .map(([start, end, , score]) => ({ score, right: isRight(label, start, end) })),
  );
}

function goldOf(document: Document, task: string, labels: readonly string[]) {
  const gold = uniqueSpans(document.spans[task]!, labels);
  const isRight = (label: string, start: number, end: number) => gold.has(`${label}\t${start} ${end}`);
  return { gold: [...gold.values()], isRight };
}

/** Why no thresholds decide label by label what a run finds; undefined where they do. */
export function undecidedBecause({
  model,
  decoding,
  tasks,
}: Pick<Config, 'model' | 'decoding' | 'tasks'>): string | undefined {
  if (model.head === 'crf' && decoding.paths === 'best')
    return 'its head crf takes the best path, which no threshold decides; with decoding.paths all they do';
  if (model.head === 'spans' && model.spans.agree && Object.keys(tasks).length > 1)
    return 'with model.spans.agree all tasks decide together what is found';
  if (decoding.overlap === 'best') return 'with decoding.overlap best labels decide together what is found';
  const labels = Object.values(tasks).flatMap((task) => task.labels);
  const twice = labels.find((label, i) => labels.indexOf(label) !== i);
  return twice && `the label ${twice} is of two tasks, and decoding.thresholds is by label`;
}
