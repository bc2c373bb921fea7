import { expect, test } from '@jest/globals';
import { cpSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { writeFiles } from '../support/corpus.js';
import { predict, sentence } from '../support/predicting.js';
import { temporaryFolders } from '../support/temporaryFolder.js';
import { trainedRun } from '../support/trainedRun.js';

const folder = temporaryFolders();
const trained = trainedRun();

const predictBy = (run: string) =>
  predict(run, writeFiles(folder(), { 'a.txt': sentence }), join(folder(), 'out'), '--engine', 'wasm');

test('a run that was interrupted predicts, and says how far it has come and how it goes on', async () => {
  const run = join(folder(), 'run');
  cpSync(trained.run, run, { recursive: true });
  rmSync(join(run, 'evaluation.json'));
  const { stderr, status } = await predictBy(run);
  expect(stderr).toMatch(
    /run is interrupted, with (\d+) of \1 epochs done: its checkpoint knows no more than that/,
  );
  expect(stderr).toContain(`it goes on with: meddoprof train --resume ${run}`);
  expect(status).toBe(0);
});

test('a finished run predicts without a word of that', async () => {
  expect((await predictBy(trained.run)).stderr).not.toContain('epochs done');
});
