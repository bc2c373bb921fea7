import { spanOf, thresholdOf, withoutOverlap } from '../../../data/decode.js';
import { compareSpans, type CandidateSpan, type FoundSpan } from '../../../data/document.js';
import { labelsOf, type Output } from '../../../data/labels.js';
import type { Run } from '../../../data/wordRuns.js';
import type { Encoded } from '../../../data/tokenizers/tokenizer.js';
import { unitsOf, type Units } from '../../../data/units.js';
import type { Decoding } from '../head.js';

/** A span that may be found. */
interface Candidate extends Run {
  label: string;
}

/**
 * Spans by task from the probabilities of pairs [units * longest * labels] of each output.
 *
 * - A span is a pair whose probability reaches its label's threshold. With joint outputs a label's is the sum of those
 *   of the combinations that hold it, at most 1, as they exclude each other.
 * - Overlap `best`: among spans of one task that overlap, the most probable stays (then the longer, then the earlier);
 *   `allow`: all stay.
 * - A span's score is the probability of its label, which `agree` changes nothing of.
 * - `agree`, with an output for each task: a pair that any task proposes is a span for all, each with its most probable
 *   label. Of pairs that overlap the one stays for which the probabilities of these labels add up to the most, whatever
 *   `overlap` says. It is probabilities that are added and not scores: those have no bound, and a task that is very sure
 *   of its own boundaries would decide alone.
 */
export function decodePairs(
  outputs: readonly Output[],
  scores: readonly Float32Array[],
  encoded: Encoded,
  decoding: Pick<Decoding, 'threshold' | 'thresholds' | 'overlap'>,
  { longest, agree }: { longest: number; agree: boolean },
): Record<string, FoundSpan[]> {
  const units = unitsOf(encoded);
  const found = outputs.flatMap((output, i) => tablesOf(output, scores[i]!));
  if (agree && outputs.length > 1) return inAgreement(found, units, decoding, longest);
  return Object.fromEntries(
    found.map((table) => {
      const candidates = table.labels.flatMap((label, index) =>
        candidatesOf(table, index, units, thresholdOf(label, decoding), longest),
      );
      const kept = decoding.overlap === 'best' ? withoutOverlap(candidates) : candidates;
      return [table.task, kept.map((one) => spanOf(one, units)).sort(compareSpans)];
    }),
  );
}

/** The pairs that reach some threshold from `least` on, by task; none changes with the threshold but in being found. */
export function candidatePairs(
  outputs: readonly Output[],
  scores: readonly Float32Array[],
  encoded: Encoded,
  least: number,
  longest: number,
): Record<string, CandidateSpan[]> {
  const units = unitsOf(encoded);
  const tables = outputs.flatMap((output, i) => tablesOf(output, scores[i]!));
  return Object.fromEntries(
    tables.map((table) => {
      const candidates = table.labels.flatMap((_, index) =>
        candidatesOf(table, index, units, least, longest),
      );
      const spans = candidates.map((one) => ({ ...spanOf(one, units), above: -1, upTo: one.probability }));
      return [table.task, spans.sort(compareSpans)];
    }),
  );
}

/** Probabilities of a task's labels. */
interface Table {
  task: string;
  labels: string[];
  /** [units * longest * labels] */
  values: Float32Array;
}

function tablesOf(output: Output, scores: Float32Array): Table[] {
  const combinations = labelsOf(output);
  return Object.keys(combinations[0] ?? {}).map((task) => {
    const labels = [...new Set(combinations.map((one) => one[task]!))];
    if (labels.length === combinations.length) return { task, labels, values: scores };
    const pairs = scores.length / combinations.length;
    const values = new Float32Array(pairs * labels.length);
    const column = combinations.map((one) => labels.indexOf(one[task]!));
    for (let pair = 0; pair < pairs; pair++)
      column.forEach((to, from) => {
        const at = pair * labels.length + to;
        values[at] = Math.min(1, values[at]! + scores[pair * combinations.length + from]!);
      });
    return { task, labels, values };
  });
}

function candidatesOf(
  { labels, values }: Table,
  index: number,
  units: Units,
  threshold: number,
  longest: number,
): Candidate[] {
  const found: Candidate[] = [];
  for (let at = index; at < values.length; at += labels.length) {
    const probability = values[at]!;
    if (!(probability >= threshold)) continue;
    const pair = pairAt((at - index) / labels.length, longest);
    if (isWithin(units, pair)) found.push({ label: labels[index]!, ...pair, probability });
  }
  return found;
}

function inAgreement(
  tables: readonly Table[],
  units: Units,
  decoding: Pick<Decoding, 'threshold' | 'thresholds'>,
  longest: number,
): Record<string, FoundSpan[]> {
  const thresholds = tables.map(({ labels }) => labels.map((label) => thresholdOf(label, decoding)));
  const proposed: (Run & { best: { label: string; probability: number }[] })[] = [];
  for (let pair = 0; pair < units.pieces.length * longest; pair++) {
    const best = tables.map(({ labels, values }, table) => {
      const own = values.subarray(pair * labels.length, (pair + 1) * labels.length);
      const reached = thresholds[table]!.some((threshold, i) => own[i]! >= threshold);
      const most = labels.reduce((top, _, i) => (own[i]! > own[top]! ? i : top), 0);
      return { reached, label: labels[most]!, probability: own[most]! };
    });
    const place = pairAt(pair, longest);
    if (!best.some(({ reached }) => reached) || !isWithin(units, place)) continue;
    const probability = best.reduce((sum, one) => sum + one.probability, 0);
    proposed.push({ ...place, probability, best });
  }
  const kept = withoutOverlap(proposed).sort((a, b) => a.first - b.first);
  return Object.fromEntries(
    tables.map(({ task }, i) => [
      task,
      kept.map(({ best, ...pair }) => spanOf({ ...pair, ...best[i]! }, units)),
    ]),
  );
}

function pairAt(pair: number, longest: number): { first: number; last: number } {
  const first = Math.floor(pair / longest);
  return { first, last: first + (pair % longest) };
}

/** Near the text's end there are places for pairs that would end behind it: of probability 0, which a threshold of 0 lets pass. */
function isWithin({ pieces }: Units, { last }: { last: number }): boolean {
  return last < pieces.length;
}
