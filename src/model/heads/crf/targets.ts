import type * as tf from '@tensorflow/tfjs-core';
import type { LabelledWindow, TargetTensor, Targets } from '../../../data/examples.js';
import { firstFrom } from '../../../data/sorted.js';
import { scoredOf, type PieceRange, type WindowRange } from '../../../data/windows.js';
import { kinds, type Learned } from './likelihood.js';
import { movesInto, type SoftMoves } from './moves.js';
import { OUTSIDE } from './tags.js';

/**
 * A document's targets: the piece that stands for each unit [units], by chain the gold tag of every unit [units]; and of a
 * softened document, by chain, what is learned in their place: two arrays, places and shares.
 */
export function crfTargets(
  pieces: Int32Array,
  tags: readonly Uint8Array[],
  soft: readonly SoftMoves[] = [],
): Targets {
  return [pieces, ...tags, ...soft.flatMap(({ places, shares }) => [places, shares])];
}

/** The same told apart, of so many chains. */
export function partsOfTargets(targets: Targets, chains: number) {
  const [pieces, ...others] = targets as [Int32Array, ...ArrayLike<number>[]];
  const soft = others.slice(chains);
  return {
    pieces,
    tags: others.slice(0, chains) as Uint8Array[],
    soft: Array.from({ length: soft.length / 2 }, (_, i) => {
      return { places: soft[2 * i], shares: soft[2 * i + 1] } as SoftMoves;
    }),
  };
}

/** Whether a unit that is scored in a window has a tag but O. */
export function hasTag(targets: Targets, chains: number, range: WindowRange): boolean {
  const { pieces, tags } = partsOfTargets(targets, chains);
  const [from, to] = unitsIn(pieces, scoredOf(range));
  return tags.some((own) => own.subarray(from, to).some((tag) => tag !== OUTSIDE));
}

/**
 * What `learned` and `chain` of the likelihood are made of: kinds, ends, then by chain tags and moves; of softened documents
 * the gold tags of each chain follow, as the first ones are shares.
 */
export function crfBatchTargets(
  windows: readonly LabelledWindow[],
  seq: number,
  tagCounts: readonly number[],
): TargetTensor[] {
  const n = windows.length * seq;
  const kindsOf = new Uint8Array(n * kinds.count);
  for (let row = 0; row < n; row++) kindsOf[row * kinds.count + kinds.none] = 1;
  const ends = new Uint8Array(windows.length);
  const documents = windows.map(({ targets }) => partsOfTargets(targets, tagCounts.length));
  const isSoft = documents.some(({ soft }) => soft.length > 0);
  const chains = tagCounts.map((count) => ({
    count,
    tags: isSoft ? new Float32Array(n * count) : new Uint8Array(n * count),
    moves: new Float32Array((count + 2) * count),
    gold: new Uint8Array(isSoft ? n * count : 0),
  }));

  for (const [number, window] of windows.entries()) {
    const { pieces, tags: goldTags, soft } = documents[number]!;
    const [from, to] = unitsIn(pieces, scoredOf(window));
    const rowOf = (unit: number) => number * seq + 1 + pieces[unit]! - window.start;
    for (let unit = from; unit < to; unit++) {
      const at = rowOf(unit) * kinds.count;
      kindsOf[at + kinds.none] = 0;
      if (unit > from) kindsOf[at + kinds.follows] = 1;
      else if (unit === 0) kindsOf[at + kinds.begins] = 1;
    }
    const isEnd = to > from && to === pieces.length;
    if (isEnd) ends[number] = 1;

    for (const [chain, { count, tags, moves, gold }] of chains.entries()) {
      const into = movesInto(goldTags[chain]!, count, soft[chain]);
      for (let unit = from; unit < to; unit++) {
        for (const { row, tag, share } of into(unit)) {
          tags[rowOf(unit) * count + tag]! += share;
          if (unit > from || unit === 0) moves[row * count + tag]! += share;
        }
        if (isSoft) gold[rowOf(unit) * count + goldTags[chain]![unit]!] = 1;
      }
      if (isEnd) for (const { row, tag, share } of into(to)) moves[row * count + tag]! += share;
    }
  }
  return [
    { values: kindsOf, shape: [n, kinds.count] },
    { values: ends, shape: [windows.length, 1] },
    ...chains.flatMap(({ count, tags, moves }) => [
      { values: tags, shape: [n, count] },
      { values: moves, shape: [count + 2, count] },
    ]),
    ...(isSoft ? chains.map(({ count, gold }) => ({ values: gold, shape: [n, count] })) : []),
  ];
}

/** The same on the device told apart, of so many chains. `gold`, of softened documents alone: the gold tags [n, tags]. */
export function partsOfBatch(targets: readonly tf.Tensor[], chains: number) {
  const [kindsOf, ends, ...others] = targets as [tf.Tensor, tf.Tensor, ...tf.Tensor[]];
  const ofChains = Array.from({ length: chains }, (_, i) => {
    const learned: Learned = { tags: others[2 * i]!, moves: others[2 * i + 1]! };
    return { learned, gold: others[2 * chains + i] };
  });
  return { kinds: kindsOf, ends, ofChains };
}

/** The units whose pieces are in a range; their pieces ascend. */
function unitsIn(pieces: ArrayLike<number>, { start, end }: PieceRange): [from: number, to: number] {
  return [firstFrom(pieces, start), firstFrom(pieces, end)];
}
