import { firstFrom } from '../../../data/sorted.js';
import type { Lattice } from './lattice.js';

/** A move into a unit's tag; for the place after the last unit the move out of its tag. */
export interface Move {
  /** The tag before, or `tags`: the text's start, or `tags + 1`: its end. */
  row: number;
  tag: number;
  /** How much of the paths makes it. */
  share: number;
}

/** Of a document, what is learned in place of its gold tags: the moves into its units in order, each with its share. */
export interface SoftMoves {
  /** [moves], ascending: (unit * (tags + 2) + row) * tags + tag */
  places: Int32Array;
  /** [moves]; those into a unit add up to 1. */
  shares: Float32Array;
}

/** The moves into a unit of a document with these gold tags, or what is learned in their place. */
export function movesInto(gold: Uint8Array, tags: number, soft?: SoftMoves): (unit: number) => Move[] {
  if (!soft) return (unit) => [goldMove(gold, tags, unit)];
  const { places, shares } = soft;
  const each = (tags + 2) * tags;
  return (unit) => {
    const moves: Move[] = [];
    for (
      let at = firstFrom(places, unit * each);
      at < places.length && places[at]! < (unit + 1) * each;
      at++
    ) {
      const place = places[at]! - unit * each;
      moves.push({ row: Math.floor(place / tags), tag: place % tags, share: shares[at]! });
    }
    return moves;
  };
}

/**
 * `weight` times the probabilities of the moves, over all paths of a text, and the rest for those of its gold tags.
 * Without a lattice the gold ones alone.
 */
export function softMoves(
  gold: Uint8Array,
  tags: number,
  lattice: Lattice | undefined,
  weight: number,
): SoftMoves {
  const [places, shares]: [number[], number[]] = [[], []];
  const ofGold = lattice ? 1 - weight : 1;
  for (let unit = 0; gold.length > 0 && unit <= gold.length; unit++) {
    const own = new Map<number, number>();
    const add = ({ row, tag, share }: Move, factor: number) => {
      const place = (unit * (tags + 2) + row) * tags + tag;
      if (factor > 0) own.set(place, (own.get(place) ?? 0) + factor * share);
    };
    if (lattice) for (const move of probableMoves(lattice, unit)) add(move, weight);
    add(goldMove(gold, tags, unit), ofGold);
    for (const place of [...own.keys()].sort((a, b) => a - b)) {
      places.push(place);
      shares.push(own.get(place)!);
    }
  }
  return { places: Int32Array.from(places), shares: Float32Array.from(shares) };
}

function goldMove(gold: Uint8Array, tags: number, unit: number): Move {
  if (unit === gold.length) return { row: tags + 1, tag: gold[unit - 1]!, share: 1 };
  return { row: unit === 0 ? tags : gold[unit - 1]!, tag: gold[unit]!, share: 1 };
}

/** Moves this much less probable than the most probable one into a unit are left out: of most units all but one. */
const LEAST = 1e-4;

/** The moves that are probable, as if there were no others. */
function probableMoves(lattice: Lattice, unit: number): Move[] {
  const { units, tags, total, until, from, emission, move } = lattice;
  const here = Math.min(unit, units - 1);
  const isInside = unit > 0 && unit < units;
  const rows = isInside ? probableTags(lattice, unit - 1) : [unit === 0 ? tags : tags + 1];
  const tagsHere = probableTags(lattice, here);
  const moves = rows.flatMap((row) =>
    tagsHere.map((tag) => {
      // At the edges of the text the move is as probable as the tag.
      const into = isInside
        ? until[unit - 1]![row]! + move(row, tag) + emission(unit, tag)
        : until[here]![tag]!;
      return { row, tag, share: Math.exp(into + from[here]![tag]! - total) };
    }),
  );
  const greatest = moves.reduce((most, one) => Math.max(most, one.share), 0);
  const probable = moves.filter((one) => one.share >= LEAST * greatest);
  const sum = probable.reduce((before, one) => before + one.share, 0);
  return probable.map((one) => ({ ...one, share: one.share / sum }));
}

/** Tags of a unit but for those that no probable move has: the most probable of tags² moves has a share of 1 / tags² or more. */
function probableTags({ tags, total, until, from }: Lattice, unit: number): number[] {
  const all = Array.from({ length: tags }, (_, tag) => tag);
  return all.filter((tag) => Math.exp(until[unit]![tag]! + from[unit]![tag]! - total) >= LEAST / tags ** 2);
}
