import { channelsByLabels, tagOf, type Output } from '../../../data/labels.js';
import { goesOn, OUTSIDE, type TaggedRun } from './tags.js';
import type { Potentials } from './viterbi.js';

/** The probability of a span by task: that its units are just a span of the task's label. */
export type RunProbability = (run: TaggedRun) => Record<string /*task*/, number>;

/**
 * What share of exp(score) over all possible paths those have in which some units are a span: no shorter and no longer
 * one (Rabiner 1989, forward and backward). With joint outputs, or chains that agree, a task's probability is the sum over
 * the labels that the other tasks could give the span.
 * @param possible [(tags + 2) * tags], as `possibleMoves`
 */
export function runProbabilities(
  output: Output,
  { emissions, moves }: Potentials,
  possible: ArrayLike<number>,
): RunProbability {
  const tags = output.channels.length + 1;
  const units = emissions.length / tags;
  const all = Array.from({ length: tags }, (_, tag) => tag);
  const move = (row: number, to: number) => (possible[row * tags + to] ? moves[row * tags + to]! : -Infinity);
  const emission = (unit: number, tag: number) => emissions[unit * tags + tag]!;
  const channelOf = (tag: number) => (tag === OUTSIDE ? undefined : output.channels[tag - 1]);

  // [units][tags]: of the paths up to a unit's tag, it included; and of those from it on, it left out.
  const until: Float64Array[] = [];
  const from: Float64Array[] = [];
  const before = sumsThrough(all.map((tag) => all.map((one) => move(one, tag))));
  const after = sumsThrough(all.map((tag) => all.map((next) => move(tag, next))));
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

  const probability = (path: readonly number[], first: number) => {
    const last = first + path.length - 1;
    const [opens, closes] = [path[0]!, path.at(-1)!];
    const opening = channelOf(opens)!;
    const isOther = (before: number) => {
      const channel = channelOf(before);
      return channel === undefined || !goesOn(channel, opening);
    };
    const opened =
      first === 0
        ? move(tags, opens)
        : logSum(all.filter(isOther), (tag) => until[first - 1]![tag]! + move(tag, opens));
    const inside = path.reduce(
      (sum, tag, i) => sum + emission(first + i, tag) + (i > 0 ? move(path[i - 1]!, tag) : 0),
      0,
    );
    const closed =
      last === units - 1
        ? move(tags + 1, closes)
        : logSum(
            all.filter((tag) => !goesOn(opening, channelOf(tag))),
            (tag) => move(closes, tag) + emission(last + 1, tag) + from[last + 1]![tag]!,
          );
    return Math.min(1, Math.exp(opened + inside + closed - total));
  };

  const combinations = [...channelsByLabels(output).values()].map((channels) => {
    return { channels, labels: output.channels[Object.values(channels)[0]!]!.labels };
  });
  return ({ first, last, labels }) =>
    Object.fromEntries(
      Object.entries(labels).map(([task, label]) => {
        let sum = 0;
        for (const { channels, labels: own } of combinations) {
          if (own[task] !== label) continue;
          const tagAt = (unit: number) => channels[tagOf(channels, unit === first, first === last)]! + 1;
          sum += probability(
            Array.from({ length: last - first + 1 }, (_, i) => tagAt(first + i)),
            first,
          );
        }
        return [task, Math.min(1, sum)];
      }),
    );
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
function logSum<T>(all: readonly T[], value: (one: T) => number): number {
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
