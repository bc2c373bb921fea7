import { channelsByLabels, tagOf, type Output, type TagChannels } from '../../../data/labels.js';
import { mapValues } from '../../../data/mapValues.js';
import type { Run } from '../../../data/wordRuns.js';
import { logSum, type Lattice } from './lattice.js';
import { goesOn, OUTSIDE, tasksOf, type TaggedRun } from './tags.js';

/** The probability of a span by task: that its units are just a span of the task's label. */
export type RunProbability = (run: TaggedRun) => Record<string /*task*/, number>;

/**
 * What share of exp(score) over all possible paths those have in which some units are a span: no shorter and no longer
 * one. With joint outputs, or chains that agree, a task's probability is the sum over the labels that the other tasks could
 * give the span.
 */
export function runProbabilities(output: Output, lattice: Lattice): RunProbability {
  const edges = edgesOf(output, lattice);
  const combinations = combinationsOf(output);
  const probability = ({ channels }: Combination, first: number, last: number) => {
    const tagAt = (unit: number) => tagIn(channels, unit === first, first === last);
    let inside = edges.opened(first, tagAt(first));
    for (let unit = first + 1; unit <= last; unit++)
      inside += lattice.move(tagAt(unit - 1), tagAt(unit)) + lattice.emission(unit, tagAt(unit));
    return edges.closed(last, tagAt(last), inside);
  };
  return ({ first, last, labels }) =>
    Object.fromEntries(
      Object.entries(labels).map(([task, label]) => {
        const having = combinations.filter((one) => one.labels[task] === label);
        const sum = having.reduce((before, one) => before + probability(one, first, last), 0);
        return [task, Math.min(1, sum)];
      }),
    );
}

/** A run of units as a span of a task, with its probability. */
export type LabelledRun = Run & { label: string };

/** By task the runs of units whose probability of being a span of a label reaches `least`. */
export function likelyRuns(output: Output, lattice: Lattice, least: number): Record<string, LabelledRun[]> {
  const { units, total, until, from, move, emission } = lattice;
  const edges = edgesOf(output, lattice);
  const combinations = combinationsOf(output);
  const probabilities = runProbabilities(output, lattice);
  const found = Object.fromEntries(tasksOf(output).map((task) => [task, new Map<string, LabelledRun>()]));
  // Where a label's combinations add up to `least`, the greatest of them has its share of it.
  const share = least / combinations.length;
  const consider = (run: TaggedRun, probability: number) => {
    if (probability < share) return;
    for (const [task, probability] of Object.entries(probabilities(run))) {
      const { first, last } = run;
      const label = run.labels[task]!;
      if (probability >= least)
        found[task]!.set(`${first} ${last} ${label}`, { label, first, last, probability });
    }
  };
  for (const { channels, labels } of combinations) {
    const [only, opens, goes] = [
      tagIn(channels, true, true),
      tagIn(channels, true, false),
      tagIn(channels, false, false),
    ];
    const isLikely = (unit: number, tag: number) =>
      Math.exp(until[unit]![tag]! + from[unit]![tag]! - total) >= share;
    for (let first = 0; first < units; first++) {
      if (isLikely(first, only))
        consider({ first, last: first, labels }, edges.closed(first, only, edges.opened(first, only)));
      if (!isLikely(first, opens)) continue;
      let inside = edges.opened(first, opens);
      for (let [last, tag] = [first + 1, opens]; last < units; last++) {
        if (Math.exp(inside + from[last - 1]![tag]! - total) < share) break; // those that end here or later
        inside += move(tag, goes) + emission(last, goes);
        tag = goes;
        consider({ first, last, labels }, edges.closed(last, tag, inside));
      }
    }
  }
  return mapValues(found, (runs) => [...runs.values()]);
}

/** What stands before a span's first unit, and after its last. */
function edgesOf(output: Output, { units, tags, total, until, from, emission, move }: Lattice) {
  const all = Array.from({ length: tags }, (_, tag) => tag);
  const channelOf = (tag: number) => (tag === OUTSIDE ? undefined : output.channels[tag - 1]);
  const goesOnFrom = (tag: number, next: number) => {
    const channel = channelOf(tag);
    return channel !== undefined && goesOn(channel, channelOf(next));
  };
  const before = all.map((tag) => all.filter((one) => !goesOnFrom(one, tag)));
  const after = all.map((tag) => all.filter((next) => !goesOnFrom(tag, next)));
  return {
    /** log Σ of the paths that begin a span with a unit's tag, up to it. */
    opened(first: number, tag: number): number {
      const into =
        first === 0
          ? move(tags, tag)
          : logSum(before[tag]!, (one) => until[first - 1]![one]! + move(one, tag));
      return into + emission(first, tag);
    },
    /** The share of the paths that end it with one, of which those up to it have `inside`. */
    closed(last: number, tag: number, inside: number): number {
      const out =
        last === units - 1
          ? move(tags + 1, tag)
          : logSum(
              after[tag]!,
              (next) => move(tag, next) + emission(last + 1, next) + from[last + 1]![next]!,
            );
      return Math.min(1, Math.exp(inside + out - total));
    },
  };
}

interface Combination {
  channels: TagChannels;
  labels: TaggedRun['labels'];
}

function combinationsOf(output: Output): Combination[] {
  return [...channelsByLabels(output).values()].map((channels) => {
    return { channels, labels: output.channels[Object.values(channels)[0]!]!.labels };
  });
}

function tagIn(channels: TagChannels, isFirst: boolean, isOnly: boolean): number {
  return channels[tagOf(channels, isFirst, isOnly)]! + 1;
}
