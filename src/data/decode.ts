import type { Config } from '../config/schema.js';
import { compareSpans, type CandidateSpan, type FoundSpan } from './document.js';
import type { Output, WordOffsets } from './labels.js';
import { mapValues } from './mapValues.js';
import { candidateRuns, labelledWords, type Run } from './wordRuns.js';
import type { Encoded } from './tokenizers/tokenizer.js';

export type Decoding = Config['decoding'];

/**
 * Spans from the probabilities of words.
 *
 * - The probability that a word is in a span of a label is the sum of its channels with that label, at most 1:
 *   tags of one label exclude each other, and so do the combinations of labels of joint outputs.
 * - A word is inside where this reaches the label's threshold; neighbouring words inside make one span. A new
 *   one begins where B or U is more probable than I, and after a word whose most probable tag is U.
 * - Its score is the mean of these probabilities over its words.
 * - A span reaches from the start of its first word to the end of its last; line ends do not divide it.
 * - Overlap `best`: among spans of one task that overlap, the one whose words have the highest mean
 *   probability stays (the longer, then the earlier one in a tie); `allow`: all stay.
 *
 * @param probabilities per output, [words * channels]
 * @returns per task of the outputs, sorted by start, then end
 */
export function decodeSpans(
  outputs: readonly Output[],
  probabilities: readonly ArrayLike<number>[],
  words: WordOffsets,
  options: Pick<Decoding, 'threshold' | 'thresholds' | 'overlap'>,
): Record<string, FoundSpan[]> {
  const found: Record<string, (Run & { label: string })[]> = {};
  for (const { task, label, ...labelled } of labelledWords(outputs, probabilities)) {
    const threshold = thresholdOf(label, options);
    const runs = candidateRuns(labelled, threshold).filter(({ above }) => above < threshold);
    found[task] = [...(found[task] ?? []), ...runs.map((run) => ({ label, ...run }))];
  }
  return mapValues(found, (runs) =>
    (options.overlap === 'best' ? withoutOverlap(runs) : runs)
      .map((run) => spanOf(run, words))
      .sort(compareSpans),
  );
}

/**
 * The spans of every threshold from `least` on, overlapping or not: of one label and threshold they are what
 * `decodeSpans` finds before it resolves overlaps.
 * @returns per task of the outputs, sorted by start, then end
 */
export function candidateSpans(
  outputs: readonly Output[],
  probabilities: readonly ArrayLike<number>[],
  words: WordOffsets,
  least: number,
): Record<string, CandidateSpan[]> {
  const found: Record<string, CandidateSpan[]> = {};
  for (const { task, label, ...labelled } of labelledWords(outputs, probabilities)) {
    const spans = candidateRuns(labelled, least).map(({ above, upTo, ...run }) => {
      return { ...spanOf({ label, ...run }, words), above, upTo };
    });
    found[task] = [...(found[task] ?? []), ...spans];
  }
  return mapValues(found, (spans) => spans.sort(compareSpans));
}

/** A run of words, or units of them, as a span of the text. */
export function spanOf(
  { label, first, last, probability }: Run & { label: string },
  { wordStarts, wordEnds }: WordOffsets,
): FoundSpan {
  return { label, start: wordStarts[first]!, end: wordEnds[last]!, score: probability };
}

/** The least probability of a label: its own where it has one. */
export function thresholdOf(
  label: string,
  { threshold, thresholds }: Pick<Decoding, 'threshold' | 'thresholds'>,
): number {
  return Object.hasOwn(thresholds, label) ? thresholds[label]! : threshold; // a label may be called `constructor`
}

/**
 * The probabilities of words from those of the pieces that overlap them; pieces without a word do not count.
 * @param probabilities [pieces * channels]
 * @returns [words * channels]
 */
export function poolWords(
  probabilities: Float32Array,
  { words, lastWords, firstPieces }: Pick<Encoded, 'words' | 'lastWords' | 'firstPieces'>,
  channels: number,
  pooling: Decoding['pooling'],
): Float32Array {
  const pooled = new Float64Array(firstPieces.length * channels);
  const counts = new Int32Array(firstPieces.length);
  for (let piece = 0; piece < words.length; piece++) {
    if (words[piece]! < 0) continue;
    for (let word = words[piece]!; word <= lastWords[piece]!; word++) {
      if (pooling === 'first' && piece !== firstPieces[word]) continue;
      counts[word]!++;
      const [from, to] = [piece * channels, word * channels];
      for (let channel = 0; channel < channels; channel++) {
        const probability = probabilities[from + channel]!;
        const before = pooled[to + channel]!;
        pooled[to + channel] = pooling === 'max' ? Math.max(before, probability) : before + probability;
      }
    }
  }
  if (pooling !== 'max')
    for (const [word, count] of counts.entries())
      for (let at = word * channels; at < (word + 1) * channels; at++) pooled[at]! /= count;
  return new Float32Array(pooled);
}

/** Takes the most probable span, drops those that overlap it, and so on. */
export function withoutOverlap<T extends Run>(spans: T[]): T[] {
  const length = (run: Run) => run.last - run.first;
  const ranked = [...spans].sort(
    (a, b) => b.probability - a.probability || length(b) - length(a) || a.first - b.first,
  );
  const kept: T[] = [];
  for (const span of ranked) {
    if (kept.every((other) => span.last < other.first || other.last < span.first)) kept.push(span);
  }
  return kept;
}
