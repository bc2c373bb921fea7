import type { Potentials } from './viterbi.js';

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
export function latticeOf(
  { emissions, moves }: Potentials,
  possible: ArrayLike<number>,
  tags: number,
): Lattice {
  const units = emissions.length / tags;
  const all = Array.from({ length: tags }, (_, tag) => tag);
  const move = (row: number, to: number) => (possible[row * tags + to] ? moves[row * tags + to]! : -Infinity);
  const emission = (unit: number, tag: number) => emissions[unit * tags + tag]!;

  const before = sumsThrough(all.map((tag) => all.map((one) => move(one, tag))));
  const after = sumsThrough(all.map((tag) => all.map((next) => move(tag, next))));
  const [until, from]: [Float64Array[], Float64Array[]] = [[], []];
  for (let unit = 0; unit < units; unit++) {
    const sums = unit === 0 ? Float64Array.from(all, (tag) => move(tags, tag)) : before(until[unit - 1]!);
    until.push(sums.map((sum, tag) => sum + emission(unit, tag)));
  }
  for (let unit = units - 1; unit >= 0; unit--)
    from[unit] =
      unit === units - 1
        ? Float64Array.from(all, (tag) => move(tags + 1, tag))
        : after(from[unit + 1]!.map((sum, next) => sum + emission(unit + 1, next)));
  const total = units === 0 ? 0 : logSum(all, (tag) => until[units - 1]![tag]! + from[units - 1]![tag]!);
  return { units, tags, total, until, from, emission, move };
}

/**
 * From log Σ over paths by tag to that of the paths one move longer: log Σ exp(value + move), where the move to or from a
 * tag has its row of `moves` [tags][tags]. In products of numbers that were divided by their greatest; where they all but
 * vanish, in logarithms.
 */
function sumsThrough(moves: readonly number[][]): (values: Float64Array) => Float64Array {
  const greatest = moves.map((row) => Math.max(...row));
  const ways = moves.map((row, tag) =>
    row.flatMap((move, other) =>
      move === -Infinity ? [] : [{ other, move, share: Math.exp(move - greatest[tag]!) }],
    ),
  );
  return (values) => {
    const most = Math.max(...values);
    const shares = values.map((value) => Math.exp(value - most));
    return Float64Array.from(ways, (row, tag) => {
      let sum = 0;
      for (const { other, share } of row) sum += share * shares[other]!;
      if (sum > 1e-290) return most + greatest[tag]! + Math.log(sum);
      return logSum(row, ({ other, move }) => values[other]! + move);
    });
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
