import { expect, test } from '@jest/globals';
import { join } from 'node:path';
import { openGroups } from '../../src/compare/open.js';
import { UsageError } from '../../src/errors.js';
import { writeFiles } from '../support/corpus.js';
import { temporaryFolders } from '../support/temporaryFolder.js';

const folder = temporaryFolders();

test.each([
  ['folds: 2\n', 'has the folds 1 to 2'],
  ['', 'has no folds'],
])('a fold that an experiment does not have is told (%j)', async (folds, said) => {
  const home = writeFiles(folder(), { 'words.yaml': `${folds}variants: { a: { config: my.yaml } }\n` });
  const file = join(home, 'words.yaml');
  const opening = openGroups([file], { set: [], folds: [1, 3], onNotice: () => {} });
  const fold = folds === '' ? 1 : 3;
  await expect(opening).rejects.toThrow(new UsageError(`--folds ${fold}: ${file} ${said}`));
});
