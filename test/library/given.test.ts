import { expect, test } from '@jest/globals';
import { join } from 'node:path';
import { compareRuns } from '../../src/compare/compare.js';
import { checkWhole } from '../../src/config/whole.js';
import { makeDemoCorpus, train, UsageError, type Config } from '../../src/index.js';
import { temporaryFolders } from '../support/temporaryFolder.js';
import { tinyConfig } from '../support/tinyRun.js';

const folder = temporaryFolders();
const config = tinyConfig({ data: { corpus: 'nowhere' } });

test.each([
  [[Number.NaN, 1, 65_536], 'n needs a whole number, 1 to 65,536'],
  [[-1, 1, 65_536], 'n needs a whole number, 1 to 65,536'],
  [[65_537, 1, 65_536], 'n needs a whole number, 1 to 65,536'],
  [[2.5, 2], 'n needs a whole number, 2 or more'],
  [[1.5], 'n needs a whole number'],
] as [[number, number?, number?], string][])('%j is refused: %s', (numbers, message) => {
  expect(() => checkWhole('n', ...numbers)).toThrow(new UsageError(message));
});

test.each([[{ resamples: 0 }], [{ permutations: Number.NaN }], [{ seed: 1.5 }]])(
  'a comparison by %p is refused',
  async (options) => {
    await expect(compareRuns([], options)).rejects.toThrow('needs a whole number');
  },
);

test.each([
  ['a batch of less than nothing', { ...config, training: { ...config.training, batchSize: -3 } }, 'training.batchSize is -3; it must be a whole number'], // prettier-ignore
  ['all that loadConfig gives', { config, name: 'tiny', files: [] } as never, 'config is unknown'],
  ['nothing', undefined as never, 'is undefined; it must be'],
] as [string, Config, string][])('a training by %s is refused', async (_, wrong, message) => {
  const begun = train(wrong, { folder: join(folder(), 'run') }).next();
  await expect(begun).rejects.toThrow(message);
  await expect(begun).rejects.toThrow(UsageError);
});

test.each([[{ documents: 1 }], [{ documents: 2.5 }], [{ seed: 1.5 }]])(
  'a demo corpus of %p is refused',
  async (options) => {
    await expect(async () => makeDemoCorpus(folder(), options)).rejects.toThrow(UsageError);
  },
);
