import { expect, test } from '@jest/globals';
import { join } from 'node:path';
import { checkpointOf } from '../../src/predict/settings.js';
import { writeFiles } from '../support/corpus.js';
import { temporaryFolders } from '../support/temporaryFolder.js';

const folder = temporaryFolders();
const runs = () =>
  writeFiles(folder(), {
    'b-1/checkpoints/best/meddoprof.json': '{}',
    'a-1/checkpoints/best/meddoprof.json': '{}',
    'notes/a.txt': '',
    file: '',
  });

test('a folder of runs is told with one that is in it, which is taken', () => {
  const home = runs();
  const named = /^there is no checkpoint in .*: name a run that is in it, as (.*)$/;
  let run = '';
  try {
    checkpointOf([join(home, 'checkpoints/best'), home]);
  } catch (error) {
    run = named.exec((error as Error).message)![1]!;
  }
  expect(run).toBe(join(home, 'a-1'));
  expect(checkpointOf([join(run, 'checkpoints/best'), run])).toBe(join(run, 'checkpoints/best'));
});

test.each(['notes', 'file', 'none'])('of what holds no run (%s) it is said how to make one', (name) => {
  const path = join(runs(), name);
  expect(() => checkpointOf([path])).toThrow(
    `there is no checkpoint in ${path}: train one with meddoprof train`,
  );
});
