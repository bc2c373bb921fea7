import { expect, test } from '@jest/globals';
import { experimentTable, plannedTable } from '../../src/cli/experimentTables.js';
import type { Experiment } from '../../src/experiment/load.js';
import type { Outcome } from '../../src/experiment/run.js';

const experiment = { folder: 'runs/words' } as Experiment;
const refused = ['a-1', 'a-2', 'a-3'].map((name) => ({
  name,
  state: 'refused',
  reason: 'a.yaml:3: x is unknown',
}));
const failed = ['b-1', 'b-2'].map((name) => ({
  name,
  state: 'failed',
  reason: 'no weights',
  log: `${name}.log`,
}));
const runs = [...refused, ...failed, { name: 'c-1', state: 'missing' }] as unknown as Outcome[];

test.each([
  ['the plan of an experiment', plannedTable],
  ['the table at its end', experimentTable],
])('%s tells a reason once, and that of each log', (_, table) => {
  const said = table(experiment, runs)
    .split('\n')
    .filter((line) => line.includes(': '));
  expect(said).toEqual([
    'a-1 and 2 more: a.yaml:3: x is unknown',
    'b-1: no weights (see b-1.log)',
    'b-2: no weights (see b-2.log)',
  ]);
});
