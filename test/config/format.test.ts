import { describe, expect, test } from '@jest/globals';
import { configDifferences, differenceText, resumeDifferences } from '../../src/config/differences.js';
import { formatConfig } from '../../src/config/format.js';
import { loadConfig } from '../../src/config/load.js';
import { smallestConfig, writeFiles } from '../support/configFiles.js';
import { temporaryFolders } from '../support/temporaryFolder.js';

const folder = temporaryFolders();
const load = async (text: string, ...set: string[]) =>
  (await loadConfig(writeFiles(folder(), { 'my.yaml': text }), { set })).config;

describe('formatConfig', () => {
  test('writes a config that loads as the same', async () => {
    const config = await load(
      smallestConfig,
      'training.schedule=[{windows: full, rate: 3.3e-5, frozen: encoder}, {windows: positive, rate: 1e-7}]',
      'decoding.thresholds={JOB: 0.1234567890123}',
      'data.corpus="#1: a corpus"',
    );
    expect(await load(formatConfig(config))).toEqual(config);
  });

  test('writes every option, lists on one line and small rates as people do', async () => {
    const text = formatConfig(await load(smallestConfig));
    expect(text).toContain('    labels: [JOB, ACTIVITY]\n');
    expect(text).toContain('    rate: 5e-5\n');
    expect(text).toContain('  schedule: null\n');
  });
});

test('a run goes on with the same tasks in the same order only', async () => {
  const saved = await load(smallestConfig);
  const tasks = Object.fromEntries(Object.entries(saved.tasks).toReversed());
  expect(Object.keys(tasks)).not.toEqual(Object.keys(saved.tasks));
  expect(configDifferences(saved, { ...saved, tasks })).toEqual([]);
  expect(resumeDifferences(saved, { ...saved, tasks }).map(differenceText)).toEqual([
    'the order of tasks was ["ner","class"] and is ["class","ner"]',
  ]);
  expect(resumeDifferences(saved, { ...saved, seed: 2 }).map(({ key }) => key)).toEqual(['seed']);
  expect(resumeDifferences(saved, await load(formatConfig(saved)))).toEqual([]);
});

describe('configDifferences', () => {
  test('names the options that differ with both values', async () => {
    const a = await load(smallestConfig);
    const b = await load(
      smallestConfig,
      'training.batchSize=8',
      'tasks.ner.labels=[JOB]',
      'tasks.class=null',
    );
    expect(configDifferences(a, b)).toEqual([
      { key: 'tasks.ner.labels', values: [['JOB', 'ACTIVITY'], ['JOB']] },
      { key: 'tasks.class', values: [{ folder: 'task2', labels: ['PATIENT', 'FAMILY'] }, undefined] },
      { key: 'training.batchSize', values: [16, 8] },
    ]);
  });

  test('finds none between equal configs', async () => {
    expect(configDifferences(await load(smallestConfig), await load(smallestConfig))).toEqual([]);
  });
});
