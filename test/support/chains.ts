import fc from 'fast-check';
import type { Config } from '../../src/config/schema.js';
import { outputsOf, type Output, type Scheme } from '../../src/data/labels.js';
import { crfHead } from '../../src/model/heads/crf.js';
import type { Head } from '../../src/model/heads/head.js';

/** The output of one task `ner`. */
export function outputOf(scheme: Scheme, labels: string[] = ['A', 'B']): Output {
  return outputsOf({ ner: { labels } }, scheme, 'perTask')[0]!;
}

/** A head for labels by task, on features of a width. */
export function chainHead(
  labels: Record<string, string[]>,
  {
    scheme = 'BIO' as Scheme,
    outputs = 'perTask' as Config['model']['outputs'],
    width = 6,
    agree = false,
  } = {},
): Head {
  const tasks = Object.fromEntries(Object.entries(labels).map(([task, list]) => [task, { labels: list }]));
  return crfHead(outputsOf(tasks, scheme, outputs), width, { agree });
}

/** What each move scores, by whether it is possible: numbers of a chain's paths. */
export interface ChainCase {
  tags: number;
  /** [seq * tags]; rows without a unit hold anything. */
  emissions: Float32Array;
  moves: Float32Array; // [(tags + 2) * tags]
  possible: Uint8Array; // [(tags + 2) * tags]
  /** Which of the rows carry a unit, ascending. */
  units: number[];
  begins: boolean;
  ends: boolean;
}

/** Every possible path through the units with its score, straight from the definition. */
export function allPaths(given: ChainCase): { path: number[]; score: number }[] {
  const { tags, emissions, moves, possible, units, begins, ends } = given;
  let paths: { path: number[]; score: number }[] = [{ path: [], score: 0 }];
  const move = (row: number, tag: number) =>
    possible[row * tags + tag] === 1 ? moves[row * tags + tag]! : -Infinity;
  for (const [number, row] of units.entries())
    paths = paths.flatMap(({ path, score }) =>
      Array.from({ length: tags }, (_, tag) => {
        const into = number > 0 ? move(path[number - 1]!, tag) : begins ? move(tags, tag) : 0;
        return { path: [...path, tag], score: score + into + emissions[row * tags + tag]! };
      }),
    );
  if (ends && units.length > 0)
    paths = paths.map(({ path, score }) => ({ path, score: score + move(tags + 1, path[path.length - 1]!) }));
  return paths.filter(({ score }) => score > -Infinity);
}

/** The same's logarithm of the sum of exp(score), by the plain recurrence over the units. */
export function partitionByRecurrence(given: ChainCase): number {
  const { tags, emissions, moves, possible, units, begins, ends } = given;
  const all = Array.from({ length: tags }, (_, tag) => tag);
  const move = (row: number, tag: number) =>
    possible[row * tags + tag] === 1 ? moves[row * tags + tag]! : -Infinity;
  let alpha: number[] = [];
  for (const row of units)
    alpha = all.map((tag) => {
      const here = emissions[row * tags + tag]!;
      if (alpha.length === 0) return here + (begins ? move(tags, tag) : 0);
      return here + logSum(all.map((before) => alpha[before]! + move(before, tag)));
    });
  if (alpha.length === 0) return 0;
  return logSum(alpha.map((score, tag) => score + (ends ? move(tags + 1, tag) : 0)));
}

export function logSum(values: number[]): number {
  const most = Math.max(...values);
  return most === -Infinity ? most : most + Math.log(values.reduce((sum, x) => sum + Math.exp(x - most), 0));
}

/** Spans of labels that do not share a word, as [label, first, last]; some of them touch. */
export function apartSpans(labels: string[]): fc.Arbitrary<[string, number, number][]> {
  const part = fc.record({ label: fc.constantFrom(null, ...labels), length: fc.integer({ min: 1, max: 4 }) });
  return fc.array(part, { maxLength: 8 }).map((parts) => {
    let at = 0;
    return parts.flatMap(({ label, length }): [string, number, number][] => {
      const first = at;
      at += length;
      return label === null ? [] : [[label, first, at - 1]];
    });
  });
}
