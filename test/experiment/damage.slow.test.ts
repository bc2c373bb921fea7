import { describe, expect, test } from '@jest/globals';
import { appendFileSync, chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { lendCards } from '../../src/experiment/cards.js';
import { loadExperiment } from '../../src/experiment/load.js';
import { planExperiment } from '../../src/experiment/plan.js';
import { type Outcome, runExperiment } from '../../src/experiment/run.js';
import { formatConfig } from '../../src/config/format.js';
import { writeFinishedRun } from '../support/finishedRun.js';
import { temporaryFolders } from '../support/temporaryFolder.js';
import { tinyRun } from '../support/tinyRun.js';

const folder = temporaryFolders();

const text = `seeds: [1, 2]
variants:
  default: { config: tiny.yaml }
  lost: { config: none.yaml }
`;

async function experiment() {
  const root = folder();
  const { config } = await tinyRun(root, {}, 8);
  writeFileSync(join(root, 'tiny.yaml'), formatConfig(config));
  writeFileSync(join(root, 'words.yaml'), text);
  const loaded = await loadExperiment(join(root, 'words.yaml'), join(root, 'runs'));
  for (const seed of [1, 2])
    await writeFinishedRun(config, { folder: join(root, 'runs', `default-${seed}`), seed });
  return { loaded, run: (name: string) => join(root, 'runs', name) };
}

/** Runs it; nothing in it is started, so that nothing is built. */
async function statesOf(loaded: Awaited<ReturnType<typeof experiment>>['loaded']) {
  const told: Outcome[] = [];
  const running = runExperiment(loaded, {
    jobs: 1,
    set: [],
    cards: lendCards({ flavour: undefined, cuda: [], webgpu: false }, 1),
    onWait: () => {},
    onStart: () => {},
    onLine: () => {},
    onEnd: (outcome) => told.push(outcome),
  });
  const outcomes = await running.outcomes;
  expect(told).toEqual(outcomes);
  return outcomes.map(({ name, state, reason }) => [name, state, reason ?? '']);
}

const lost = (seed: number) => [
  `lost-${seed}`,
  'refused',
  expect.stringMatching(/none\.yaml: there is no such/),
];

describe('an experiment goes on with the others', () => {
  test.each([
    ['run.json', (file: string) => writeFileSync(file, '{"started"')],
    ['evaluation.json', (file: string) => writeFileSync(file, '[]')],
    ['metrics.jsonl', (file: string) => appendFileSync(file, '{"kind":"step"}\n')],
  ])('where the %s of a run is damaged, which is how that run stands', async (name, damage) => {
    const { loaded, run } = await experiment();
    damage(join(run('default-1'), name));
    const expected = [
      ['default-1', 'damaged', expect.stringContaining(join(run('default-1'), name))],
      ['default-2', 'finished', ''],
      ...[lost(1), lost(2)],
    ];
    expect((await planExperiment(loaded)).map(({ name, state, reason }) => [name, state, reason ?? ''])).toEqual(expected); // prettier-ignore
    expect(await statesOf(loaded)).toEqual(expected);
  });

  test('where a log cannot be opened', async () => {
    const { loaded, run } = await experiment();
    const other = { ...loaded.runs[0]!, name: 'new-1', folder: run('new-1') };
    mkdirSync(`${run('new-1')}.log`);
    expect(await statesOf({ ...loaded, runs: [other, ...loaded.runs] })).toEqual([
      ['new-1', 'failed', `the log ${run('new-1')}.log cannot be written: it is a folder.`],
      ['default-1', 'finished', ''],
      ['default-2', 'finished', ''],
      ...[lost(1), lost(2)],
    ]);
  });

  const isRoot = process.getuid?.() === 0;
  (isRoot ? test.skip : test)('where the folder of a run cannot be read', async () => {
    const { loaded, run } = await experiment();
    chmodSync(run('default-1'), 0);
    try {
      expect((await statesOf(loaded)).map(([name, state]) => `${name} ${state}`)).toEqual([
        'default-1 refused',
        'default-2 finished',
        'lost-1 refused',
        'lost-2 refused',
      ]);
    } finally {
      chmodSync(run('default-1'), 0o755);
    }
  });
});
