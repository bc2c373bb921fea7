import { moveOf, type Potentials } from './viterbi.js';

/**
 * Sums over all possible paths through a text, in logarithms (Rabiner 1989: forward and backward); `-Infinity` is no path.
 */
export interface Lattice {
  units: number;
  tags: number;
  /** Of all paths. */
  total: number;
  /** [units][tags]: of the paths up to a unit's tag, it included. */
  until: Float64Array[];
  /** [units][tags]: of those from it on, it left out. */
  from: Float64Array[];
  emission(unit: number, tag: number): number;
  /** @param row the tag before, or `tags`: the text's start, or `tags + 1`: its end. */
  move(row: number, to: number): number;
}

/** @param possible [(tags + 2) * tags], as `possibleMoves` */
export function latticeOf(potentials: Potentials, possible: ArrayLike<number>, tags: number): Lattice {
  const { emissions } = potentials;
  const units = emissions.length / tags;
  const all = Array.from({ length: tags }, (_, tag) => tag);
  const move = moveOf(potentials, possible, tags);
  const emission = (unit: number, tag: number) => emissions[unit * tags + tag]!;
  const withEmissions = (sums: Float64Array, unit: number) => {
    const whole = new Float64Array(tags);
    for (let tag = 0; tag < tags; tag++) whole[tag] = sums[tag]! + emission(unit, tag);
    return whole;
  };

  const before = sumsThrough(all.map((tag) => all.map((one) => move(one, tag))));
  const after = sumsThrough(all.map((tag) => all.map((next) => move(tag, next))));
  const [until, from]: [Float64Array[], Float64Array[]] = [[], []];
  for (let unit = 0; unit < units; unit++) {
    const sums = unit === 0 ? Float64Array.from(all, (tag) => move(tags, tag)) : before(until[unit - 1]!);
    until.push(withEmissions(sums, unit));
  }
  for (let unit = units - 1; unit >= 0; unit--)
    from[unit] =
      unit === units - 1
        ? Float64Array.from(all, (tag) => move(tags + 1, tag))
        : after(withEmissions(from[unit + 1]!, unit + 1));
  const total = units === 0 ? 0 : logSum(all, (tag) => until[units - 1]![tag]! + from[units - 1]![tag]!);
  return { units, tags, total, until, from, emission, move };
}

/**
 * From log Σ over paths by tag to that of the paths one move longer: log Σ exp(value + move), where the move to or from a
 * tag has its row of `moves` [tags][tags]. In products of numbers that were divided by their greatest; where they all but
 * vanish, in logarithms.
 */
function sumsThrough(moves: readonly number[][]): (values: Float64Array) => Float64Array {
  const tags = moves.length;
  const greatest = moves.map((row) => Math.max(...row));
  // Of the moves that there are, tag by tag: where from or to, and exp(move) by the greatest.
  const others = moves.map((row) => [...row.keys()].filter((other) => row[other]! > -Infinity));
  const factors = others.map((own, tag) =>
    Float64Array.from(own, (other) => Math.exp(moves[tag]![other]! - greatest[tag]!)),
  );
  const shares = new Float64Array(tags);
  return (values) => {
    let most = -Infinity;
    for (let tag = 0; tag < tags; tag++) if (values[tag]! > most) most = values[tag]!;
    for (let tag = 0; tag < tags; tag++) shares[tag] = Math.exp(values[tag]! - most);
    const sums = new Float64Array(tags);
    for (let tag = 0; tag < tags; tag++) {
      const [own, factor] = [others[tag]!, factors[tag]!];
      let sum = 0;
      for (let i = 0; i < own.length; i++) sum += factor[i]! * shares[own[i]!]!;
      sums[tag] =
        sum > 1e-290
          ? most + greatest[tag]! + Math.log(sum)
          : logSum(own, (other) => values[other]! + moves[tag]![other]!);
    }
    return sums;
  };
}

/** log Σ exp(value), of -Infinity alone -Infinity. */
export function logSum<T>(all: readonly T[], value: (one: T) => number): number {
  let most = -Infinity;
  const values = all.map((each) => {
    const one = value(each);
    if (one > most) most = one;
    return one;
  });
  if (most === -Infinity) return most;
  let sum = 0;
  for (const one of values) sum += Math.exp(one - most);
  return most + Math.log(sum);
}
