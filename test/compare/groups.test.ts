import { expect, test } from '@jest/globals';
import { groupRuns } from '../../src/compare/groups.js';
import type { FinishedRun } from '../../src/runFolder/finished.js';
import { tinyConfig } from '../support/tinyRun.js';

const run = (folder: string, seed: number, dropout = 0.1) =>
  ({
    folder,
    config: { ...tinyConfig({ data: { corpus: 'c' }, encoder: { dropout } }), seed },
  }) as FinishedRun;
const grouped = (...runs: FinishedRun[]) =>
  Object.fromEntries(groupRuns(runs).map((group) => [group.name, group.runs.map(({ folder }) => folder)]));

test('runs that differ in the seed alone are one variant, named without it', () => {
  const runs = [run('r/plain-1', 1), run('r/dropped-1', 1, 0.5), run('r/plain-2', 2)];
  expect(grouped(...runs)).toEqual({ plain: ['r/plain-1', 'r/plain-2'], dropped: ['r/dropped-1'] });
});

test('a repetition of a config and seed is no other seed, but a variant of its own', () => {
  expect(grouped(run('r/a-1', 1), run('r/again', 1), run('r/a-2', 2))).toEqual({
    a: ['r/a-1', 'r/a-2'],
    again: ['r/again'],
  });
});

test('variants with one name are told apart by seed or path', () => {
  expect(grouped(run('r/a-1', 1), run('r/a-2', 2, 0.5))).toEqual({ 'a-1': ['r/a-1'], 'a-2': ['r/a-2'] });
  expect(grouped(run('r/a-1', 1), run('s/a-1', 1, 0.5))).toEqual({ 'r/a-1': ['r/a-1'], 's/a-1': ['s/a-1'] });
});
