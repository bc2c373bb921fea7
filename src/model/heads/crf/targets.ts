import type { LabelledWindow, TargetTensor, Targets } from '../../../data/examples.js';
import { firstFrom } from '../../../data/sorted.js';
import { scoredOf, type PieceRange, type WindowRange } from '../../../data/windows.js';
import { kinds } from './likelihood.js';
import { OUTSIDE } from './tags.js';

/** A document's: by chain the tag of every unit [units], then the piece that stands for each [units]. */
export function crfTargets(tags: readonly Uint8Array[], pieces: Int32Array): Targets {
  return [...tags, pieces];
}

/** Whether a unit that is scored in a window has a tag but O. */
export function hasTag(targets: Targets, range: WindowRange): boolean {
  const [from, to] = unitsIn(piecesOf(targets), scoredOf(range));
  for (const tags of targets.slice(0, -1))
    for (let unit = from; unit < to; unit++) if (tags[unit] !== OUTSIDE) return true;
  return false;
}

/** What `gold` and `chain` of the likelihood are made of: kinds, ends, then by chain tags and moves. */
export function crfBatchTargets(
  windows: readonly LabelledWindow[],
  seq: number,
  tagCounts: readonly number[],
): TargetTensor[] {
  const n = windows.length * seq;
  const kindsOf = new Uint8Array(n * kinds.count);
  for (let row = 0; row < n; row++) kindsOf[row * kinds.count + kinds.none] = 1;
  const ends = new Uint8Array(windows.length);
  const chains = tagCounts.map((count) => ({
    count,
    tags: new Uint8Array(n * count),
    moves: new Float32Array((count + 2) * count),
  }));

  for (const [number, window] of windows.entries()) {
    const { targets, start } = window;
    const pieces = piecesOf(targets);
    const [from, to] = unitsIn(pieces, scoredOf(window));
    const rowOf = (unit: number) => number * seq + 1 + pieces[unit]! - start;
    for (let unit = from; unit < to; unit++) {
      const at = rowOf(unit) * kinds.count;
      kindsOf[at + kinds.none] = 0;
      if (unit > from) kindsOf[at + kinds.follows] = 1;
      else if (unit === 0) kindsOf[at + kinds.begins] = 1;
    }
    if (to > from && to === pieces.length) ends[number] = 1;

    for (const [chain, { count, tags, moves }] of chains.entries()) {
      const tagOf = (unit: number) => targets[chain]![unit]!;
      const add = (row: number, tag: number) => moves[row * count + tag]!++;
      for (let unit = from; unit < to; unit++) {
        tags[rowOf(unit) * count + tagOf(unit)] = 1;
        if (unit > from) add(tagOf(unit - 1), tagOf(unit));
        else if (unit === 0) add(count, tagOf(unit));
        if (unit === pieces.length - 1) add(count + 1, tagOf(unit));
      }
    }
  }
  return [
    { values: kindsOf, shape: [n, kinds.count] },
    { values: ends, shape: [windows.length, 1] },
    ...chains.flatMap(({ count, tags, moves }) => [
      { values: tags, shape: [n, count] },
      { values: moves, shape: [count + 2, count] },
    ]),
  ];
}

const piecesOf = (targets: Targets) => targets[targets.length - 1]!;

/** The units whose pieces are in a range; their pieces ascend. */
function unitsIn(pieces: ArrayLike<number>, { start, end }: PieceRange): [from: number, to: number] {
  return [firstFrom(pieces, start), firstFrom(pieces, end)];
}
