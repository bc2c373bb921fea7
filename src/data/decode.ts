import type { Config } from '../config/schema.js';
import { compareSpans, type Span } from './document.js';
import type { Output, Tag, WordOffsets } from './labels.js';
import type { Encoded } from './tokenizers/tokenizer.js';

export type Decoding = Config['decoding'];

/**
 * Spans from the probabilities of words.
 *
 * - The probability that a word is in a span of a label is the sum of its channels with that label, at most 1:
 *   tags of one label exclude each other, and so do the combinations of labels of joint outputs.
 * - A word is inside where this reaches the label's threshold; neighbouring words inside make one span. A new
 *   one begins where B or U is more probable than I, and after a word whose most probable tag is U.
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
): Record<string, Span[]> {
  const found: Record<string, Span[]> = {};
  for (const [index, output] of outputs.entries()) {
    for (const [task, labels] of labelChannels(output)) {
      const spans = [...labels].flatMap(([label, channels]) => {
        const threshold = thresholdOf(label, options);
        const runs = runsOf(probabilities[index]!, output.channels.length, channels, threshold);
        return runs.map((run) => ({ label, ...run }));
      });
      found[task] = (options.overlap === 'best' ? withoutOverlap(spans) : spans)
        .map(({ label, first, last }) => ({
          label,
          start: words.wordStarts[first]!,
          end: words.wordEnds[last]!,
        }))
        .sort(compareSpans);
    }
  }
  return found;
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

/** The channels that speak for a label, by tag; several per tag with joint outputs. */
type LabelChannels = Record<Tag, number[]>;

function labelChannels(output: Output): Map<string /*task*/, Map<string /*label*/, LabelChannels>> {
  const tasks = new Map<string, Map<string, LabelChannels>>();
  for (const [index, { tag, labels }] of output.channels.entries()) {
    for (const [task, label] of Object.entries(labels)) {
      const ofTask = tasks.get(task) ?? new Map<string, LabelChannels>();
      const channels = ofTask.get(label) ?? { B: [], I: [], U: [] };
      channels[tag].push(index);
      tasks.set(task, ofTask.set(label, channels));
    }
  }
  return tasks;
}

/** Words `first` to `last` (both included) that make a span, with the mean probability of its label. */
export interface Run {
  first: number;
  last: number;
  probability: number;
}

function runsOf(
  probabilities: ArrayLike<number>,
  width: number,
  { B, I, U }: LabelChannels,
  threshold: number,
): Run[] {
  const runs: Run[] = [];
  let open: Run | null = null;
  const total = (row: number, channels: number[]) => {
    let sum = 0;
    for (const channel of channels) sum += probabilities[row + channel]!;
    return sum;
  };
  for (let row = 0, word = 0; row < probabilities.length; row += width, word++) {
    const begin = total(row, B);
    const inside = total(row, I);
    const unit = total(row, U);
    const sum = begin + inside + unit;
    const probability = sum > 1 ? 1 : sum;
    if (!(probability >= threshold)) {
      open = null;
      continue;
    }
    if (open === null || begin > inside || unit > inside) {
      open = { first: word, last: word, probability };
      runs.push(open);
    } else {
      const length = word - open.first;
      open.probability = (open.probability * length + probability) / (length + 1);
      open.last = word;
    }
    if (unit > begin && unit > inside) open = null;
  }
  return runs;
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
