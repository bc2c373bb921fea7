import { expect, test } from '@jest/globals';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '../../src/errors.js';
import { fetchModel } from '../../src/fetch/fetch.js';
import { temporaryFolders } from '../support/temporaryFolder.js';

const folder = temporaryFolders();

test('a folder without a file is refused by its own name, and leaves nothing', async () => {
  const from = folder();
  mkdirSync(join(from, 'inner'));
  const home = folder();
  await expect(fetchModel(from, { out: join(home, 'out') })).rejects.toThrow(
    new InputError(`${from} has no files: name the folder or the archive of a model`),
  );
  expect(readdirSync(home)).toEqual([]);
});
