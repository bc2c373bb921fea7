import { expect, test } from '@jest/globals';
import { join } from 'node:path';
import { splitProblems } from '../../src/experiment/splits.js';
import { temporaryFolders } from '../support/temporaryFolder.js';
import { tinyConfig, tinyRun } from '../support/tinyRun.js';

const folder = temporaryFolders();

test('one corpus is read for all that read it alike, and what is wrong for one of others is told of it alone', async () => {
  const { corpus } = await tinyRun(folder(), {}, 8);
  const config = (data: object = {}, others: object = {}) =>
    tinyConfig({ data: { corpus, ...data }, ...others });
  const elsewhere = { ner: { folder: 'elsewhere', labels: ['PROFESION'] } };
  const configs = [
    config(),
    config({}, { tasks: elsewhere }),
    config({ norm: 'none.tsv' }),
    config({ format: 'prodigy' }),
    config({ validationShare: 0.3 }),
    config({ folds: 9, fold: 1 }),
    config({ folds: 2, fold: 1 }),
    config(),
  ];
  const problems = await splitProblems(configs);
  expect(problems.map((problem) => problem !== undefined)).toEqual([
    ...[false, true, true, true],
    ...[false, true, false, false],
  ]);
  expect(problems[1]).toMatch(/elsewhere/);
  expect(problems[2]).toMatch(/none\.tsv/);
});

test('what keeps configs from being trained on their corpora is told of each, before any starts', async () => {
  const { corpus } = await tinyRun(folder(), {}, 8);
  const configs = [
    { corpus },
    { corpus, folds: 9, fold: 1 },
    { corpus, folds: 9, fold: 9 },
    { corpus, folds: 8, fold: 8 },
    { corpus, split: join(folder(), 'none.json') },
    { corpus: join(folder(), 'nowhere') },
  ].map((data) => tinyConfig({ data }));
  const folds = 'data.folds is 9, and the corpus has 8 documents with different texts: take fewer folds.';
  expect(await splitProblems(configs)).toEqual([
    ...[undefined, folds, folds, undefined],
    expect.stringMatching(/none\.json.* does not exist/),
    expect.stringMatching(/nowhere.*does not exist/),
  ]);
});
