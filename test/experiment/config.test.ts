import { describe, expect, test } from '@jest/globals';
import { join } from 'node:path';
import { UsageError } from '../../src/errors.js';
import { checkSettings, configOf } from '../../src/experiment/config.js';
import { loadExperiment } from '../../src/experiment/load.js';
import { writeFiles } from '../support/corpus.js';
import { temporaryFolders } from '../support/temporaryFolder.js';

const folder = temporaryFolders();
const base = 'tasks: {jobs: {folder: task1, labels: [A]}}\ndata: {corpus: somewhere}\n';

/** Two variants, of which one makes new examples. */
async function experiment() {
  const place = writeFiles(folder(), {
    'plain.yaml': base,
    'more.yaml': `${base}augmentation: {labels: [A], scoring: {weights: bert}}\n`,
    'both.yaml': 'variants: {plain: {config: plain.yaml}, more: {config: more.yaml}}\nseeds: [1]\n',
  });
  return (await loadExperiment(join(place, 'both.yaml'))).runs;
}

describe('a setting for all runs of an experiment', () => {
  test('counts in the variants that have a use for it, and is left out of the others', async () => {
    const runs = await experiment();
    const set = ['augmentation.count=7', 'training.batchSize=5'];
    await checkSettings(runs, set);
    const [plain, more] = await Promise.all(runs.map((run) => configOf(run, set)));
    expect([plain!.training.batchSize, more!.training.batchSize]).toEqual([5, 5]);
    expect([plain!.augmentation.count, more!.augmentation.count]).toEqual([null, 7]);
  });

  test('is an error where it counts in none', async () => {
    const runs = await experiment();
    const idle = checkSettings(runs, ['model.spans.longest=9']);
    await expect(idle).rejects.toThrow(UsageError);
    await expect(checkSettings(runs, ['model.spans.longest=9'])).rejects.toThrow(
      /model\.spans\.longest .*no effect/,
    );
  });

  test('is an error where it is wrong in all that are right without it', async () => {
    const runs = await experiment();
    const lost = { ...runs[0]!, variant: 'lost', config: 'none.yaml' };
    const wrong = checkSettings([lost, ...runs], ['training.batchsize=3']);
    await expect(wrong).rejects.toThrow(UsageError);
    await expect(wrong).rejects.toThrow(/^--set training.batchsize=3: training.batchsize is unknown/);
    await checkSettings([lost], ['training.batchsize=3']); // that it is lost is told with its runs
  });

  test('is told where it is unknown', async () => {
    const [run] = await experiment();
    await expect(configOf(run!, ['training.batch=5'])).rejects.toThrow(/training\.batch is unknown/);
  });
});
