import { tagsByScheme } from '../config/choices.js';
import type { Config } from '../config/schema.js';
import type { Span } from './document.js';
import { firstFrom } from './sorted.js';

export type Scheme = Config['model']['scheme'];
export type Tag = (typeof tagsByScheme)[Scheme][number];
export type Outputs = Config['model']['outputs'];

/** A tag of a label; with joint outputs, of one label of every task at once. */
export interface Channel {
  tag: Tag;
  labels: Labels;
}

/** A label of a task, or with joint outputs one of each. */
export type Labels = Record<string /*task*/, string /*label*/>;

/** What a model finds by itself: the labels of a task, or their combinations with those of the other tasks. */
export interface Output {
  name: string;
  channels: Channel[];
}

/** First and last character of every word, as code points; end exclusive. */
export interface WordOffsets {
  wordStarts: ArrayLike<number>;
  wordEnds: ArrayLike<number>;
}

/**
 * The outputs of a model. `perTask`: one per task, named as the task. `joint`: one, named so, over the cross
 * product of the labels of all tasks. Channels are label by label, its tags side by side.
 */
export function outputsOf(
  tasks: Record<string, { labels: readonly string[] }>,
  scheme: Scheme,
  outputs: Outputs,
): Output[] {
  const tagged = (combinations: Record<string, string>[]): Channel[] =>
    combinations.flatMap((labels) => tagsByScheme[scheme].map((tag) => ({ tag, labels })));
  const perTask = Object.entries(tasks).map(([task, { labels }]) => ({
    name: task,
    combinations: labels.map((label): Record<string, string> => ({ [task]: label })),
  }));
  if (outputs === 'perTask') {
    return perTask.map(({ name, combinations }) => ({ name, channels: tagged(combinations) }));
  }
  const product = perTask.reduce(
    (left, { combinations }) => left.flatMap((one) => combinations.map((other) => ({ ...one, ...other }))),
    [{}],
  );
  return [{ name: 'joint', channels: tagged(product) }];
}

/**
 * What an output should give for every word: 1 for a channel that holds, else 0.
 *
 * - A span covers every word that it overlaps, if only in part.
 * - Spans of different labels may overlap: channels are independent.
 * - Of nested spans with one label the longest counts: nothing here could tell the inner one from a split.
 *   Of spans that cross, the second begins (B) inside the first.
 * - The first word of a span has B alone (BIO, BIOU), or U alone if it is the only one (BIOU); the rest have I.
 * - Joint outputs: a span has the labels that the tasks give to its offsets; where a task has none there,
 *   that of its span with the largest overlap; where it has no such span either, the span is left out.
 *
 * @param spans per task, in any order; labels that the output lacks are passed over
 * @returns [words * channels]
 */
export function encodeLabels(
  output: Output,
  spans: Record<string, readonly Span[]>,
  words: WordOffsets,
): Uint8Array {
  const width = output.channels.length;
  const targets = new Uint8Array(words.wordStarts.length * width);
  for (const { channels, ranges } of rangesByLabels(output, spans, words)) {
    let covered = -1; // last word that a span of these labels covers
    for (const [first, last] of ranges) {
      if (last <= covered) continue;
      covered = last;
      for (let word = first; word <= last; word++) {
        const row = word * width;
        const tag = tagOf(channels, word === first, first === last);
        for (const channel of Object.values(channels)) targets[row + channel] = 0;
        targets[row + channels[tag]!] = 1;
      }
    }
  }
  return targets;
}

/** The words that spans of the same labels cover: first and last, by the first, the longer ones first. */
export interface LabelledRanges {
  channels: TagChannels;
  ranges: [first: number, last: number][];
}

/** What `encodeLabels` makes channels of, before it does: in the order of the output's channels. */
export function rangesByLabels(
  output: Output,
  spans: Record<string, readonly Span[]>,
  words: WordOffsets,
): LabelledRanges[] {
  const mentions = joinTasks(Object.keys(output.channels[0]?.labels ?? {}), spans);
  return [...channelsByLabels(output)].map(([labels, channels]) => ({
    channels,
    ranges: wordRanges(mentions.get(labels) ?? [], words),
  }));
}

/** What a span of this output may be labelled, in order: its channels without their tags. */
export function labelsOf({ channels }: Output): Labels[] {
  const distinct = new Map(channels.map(({ labels }) => [JSON.stringify(labels), labels]));
  return [...distinct.values()];
}

/** The channels of one label, or of one combination of labels. */
export type TagChannels = Partial<Record<Tag, number>>;

/** The tag of a word by whether it is its span's first one, and the only one. */
export function tagOf(channels: TagChannels, isFirst: boolean, isOnly: boolean): Tag {
  if (isOnly && channels.U !== undefined) return 'U';
  return isFirst && channels.B !== undefined ? 'B' : 'I';
}

/** The channels of each label, or combination of labels, in their order. */
export function channelsByLabels(output: Output): Map<string, TagChannels> {
  const groups = new Map<string, TagChannels>();
  for (const [index, { tag, labels }] of output.channels.entries()) {
    const key = keyOf(Object.values(labels));
    groups.set(key, { ...groups.get(key), [tag]: index });
  }
  return groups;
}

/** What the labels of all tasks are called together in `joinTasks`. */
export const keyOf = (labels: string[]) => JSON.stringify(labels);

export interface Range {
  start: number;
  end: number;
}

/** Spans by their labels of all tasks, in the order of `tasks`; joined as `encodeLabels` says. */
export function joinTasks(tasks: string[], spans: Record<string, readonly Span[]>): Map<string, Range[]> {
  const joined = new Map<string, Range[]>();
  const offsets = new Map<string, Range>();
  for (const task of tasks) {
    for (const { start, end } of spans[task] ?? []) offsets.set(`${start}-${end}`, { start, end });
  }
  for (const range of offsets.values()) {
    const product = tasks.reduce<string[][]>(
      (left, task) => {
        const labels = labelsAt(spans[task] ?? [], range);
        return left.flatMap((one) => labels.map((label) => [...one, label]));
      },
      [[]],
    );
    for (const labels of product) {
      const key = keyOf(labels);
      if (joined.has(key)) joined.get(key)!.push(range);
      else joined.set(key, [range]);
    }
  }
  return joined;
}

function labelsAt(spans: readonly Span[], range: Range): string[] {
  const same = spans.filter((span) => span.start === range.start && span.end === range.end);
  if (same.length > 0) return [...new Set(same.map((span) => span.label))];
  const overlap = (span: Span) => Math.min(span.end, range.end) - Math.max(span.start, range.start);
  let nearest: Span | undefined;
  for (const span of spans) {
    if (overlap(span) > (nearest ? overlap(nearest) : 0)) nearest = span;
  }
  return nearest ? [nearest.label] : [];
}

/** First and last word of each span that overlaps one; by first word, the longer ones first. */
export function wordRanges(spans: Range[], { wordStarts, wordEnds }: WordOffsets): [number, number][] {
  const ranges: [number, number][] = [];
  for (const { start, end } of spans) {
    const first = firstFrom(wordEnds, start + 1);
    const last = firstFrom(wordStarts, end) - 1;
    if (first <= last && start < end) ranges.push([first, last]);
  }
  return ranges.sort((a, b) => a[0] - b[0] || b[1] - a[1]);
}
