import type { Span } from '../../../data/document.js';
import {
  rangesByLabels,
  tagOf,
  type Channel,
  type Output,
  type WordOffsets,
  type Scheme,
} from '../../../data/labels.js';

/** Tag 0 is O, outside of all spans; tag c + 1 is the output's channel c. */
export const OUTSIDE = 0;

/** Number of tags of an output. */
export const tagCount = ({ channels }: Output) => channels.length + 1;

/**
 * Which moves there are: 1, or 0 for what no text can have [(tags + 2) * tags]. Row t is from tag t to each; then the
 * row of tags that a text can begin with, then that of those it can end with.
 *
 * BIO: I follows B or I of its labels alone. BIOU also: I must follow B, for a span of one word is U. IO: all there are.
 */
export function possibleMoves(output: Output): Uint8Array {
  const tags: (Channel | null)[] = [null, ...output.channels];
  const hasBegin = output.channels.some(({ tag }) => tag === 'B');
  const hasUnit = output.channels.some(({ tag }) => tag === 'U');
  /** null: O, or the text's edge. */
  const isPossible = (from: Channel | null, to: Channel | null) => {
    const goesOn = to?.tag === 'I' && from !== null && from.tag !== 'U' && haveSameLabels(from, to);
    if (hasUnit && from?.tag === 'B') return goesOn;
    return goesOn || !hasBegin || to?.tag !== 'I';
  };
  return Uint8Array.from([
    ...tags.flatMap((from) => tags.map((to) => Number(isPossible(from, to)))),
    ...tags.map((to) => Number(isPossible(null, to))),
    ...tags.map((from) => Number(isPossible(from, null))),
  ]);
}

/**
 * The tag of every word, of which each has exactly one: where spans of the output overlap, the one with most words
 * stays, then the earlier, then the one whose label comes first; the others are left out. With IO, neighbouring spans
 * of the same labels melt.
 * @param words words, or units of them
 * @returns [words]
 */
export function tagsOf(
  output: Output,
  spans: Record<string, readonly Span[]>,
  words: WordOffsets,
): Uint8Array {
  const tags = new Uint8Array(words.wordStarts.length).fill(OUTSIDE);
  const all = rangesByLabels(output, spans, words).flatMap(({ channels, ranges }) =>
    ranges.map(([first, last]) => ({ channels, first, last })),
  );
  all.sort((a, b) => b.last - b.first - (a.last - a.first) || a.first - b.first); // stable: labels stay in order
  for (const { channels, first, last } of all) {
    if (tags.subarray(first, last + 1).some((tag) => tag !== OUTSIDE)) continue;
    for (let word = first; word <= last; word++)
      tags[word] = channels[tagOf(channels, word === first, first === last)]! + 1;
  }
  return tags;
}

/** Neighbouring words that are one span. */
export interface TaggedRun {
  first: number;
  last: number;
  labels: Record<string /*task*/, string /*label*/>;
}

/** What a text's tags stand for, in order. */
export function runsOf(output: Output, tags: ArrayLike<number>): TaggedRun[] {
  const runs: TaggedRun[] = [];
  for (let first = 0, end = 0; first < tags.length; first = end) {
    end = first + 1;
    if (tags[first] === OUTSIDE) continue;
    const channel = output.channels[tags[first]! - 1]!;
    while (end < tags.length && goesOn(channel, output.channels[tags[end]! - 1])) end++;
    runs.push({ first, last: end - 1, labels: channel.labels });
  }
  return runs;
}

/** The spans that a text's tags stand for, by task, sorted by start, then end. */
export function spansOf(
  output: Output,
  tags: ArrayLike<number>,
  { wordStarts, wordEnds }: WordOffsets,
): Record<string, Span[]> {
  const runs = runsOf(output, tags);
  const spanOf = ({ first, last, labels }: TaggedRun, task: string) => {
    return { label: labels[task]!, start: wordStarts[first]!, end: wordEnds[last]! };
  };
  return Object.fromEntries(tasksOf(output).map((task) => [task, runs.map((run) => spanOf(run, task))]));
}

/** The scheme that outputs were made by, told by their tags. */
export function schemeOf(outputs: readonly Output[]): Scheme {
  const has = (wanted: string) => outputs.some(({ channels }) => channels.some(({ tag }) => tag === wanted));
  if (has('U')) return 'BIOU';
  return has('B') ? 'BIO' : 'IO';
}

/** What an output finds labels of. */
export function tasksOf(output: Output): string[] {
  return Object.keys(output.channels[0]?.labels ?? {});
}

/** Whether a word belongs to the span that began with `first`. */
export function goesOn(first: Channel, channel: Channel | undefined): boolean {
  return first.tag !== 'U' && channel?.tag === 'I' && haveSameLabels(first, channel);
}

/** Whether the labels of one are among those of the other. */
export function haveSameLabels(one: Channel, other: Channel): boolean {
  return Object.entries(one.labels).every(([task, label]) => other.labels[task] === label);
}
