import { expect, test } from '@jest/globals';
import { join } from 'node:path';
import { readSources } from '../../src/config/source.js';
import { plain } from '../../src/config/tree.js';
import { UsageError } from '../../src/errors.js';
import { writeFiles } from '../support/configFiles.js';
import { temporaryFolders } from '../support/temporaryFolder.js';

const folder = temporaryFolders();

/** So many files, each of which extends the next. */
function chain(files: number): string {
  const contents = Array.from({ length: files }, (_, i) => [
    `${i}.yaml`,
    `${i + 1 < files ? `extends: ${i + 1}.yaml\n` : ''}seed: ${i}\n`,
  ]);
  const where = folder();
  writeFiles(where, Object.fromEntries(contents) as Record<string, string>);
  return join(where, '0.yaml');
}

test.each([1, 2, 21])('%i files that extend one another are read, the last of them first', async (files) => {
  const sources = await readSources(chain(files));
  const seeds = sources.map(({ tree }) => plain(tree) as { seed: number });
  expect(seeds).toEqual(Array.from({ length: files }, (_, i) => ({ seed: files - 1 - i })));
});

test('more than twenty above one are refused', async () => {
  const file = chain(22);
  await expect(readSources(file)).rejects.toThrow(UsageError);
  await expect(readSources(file)).rejects.toThrow(
    `${file}: more than 20 files extend one another; take some out`,
  );
});
