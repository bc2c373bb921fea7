import { expect, test } from '@jest/globals';
import { chmodSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
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

test('hidden files and what is in hidden folders are left out, wherever they lie', async () => {
  const from = folder();
  for (const inner of ['.cache', 'pooling/.git', 'pooling/deep']) mkdirSync(join(from, inner), { recursive: true }); // prettier-ignore
  const files = ['config.json', '.env', '.cache/a', 'pooling/.git/b', 'pooling/deep/.c', 'pooling/deep/d'];
  for (const file of files) writeFileSync(join(from, file), '{}');
  const out = join(folder(), 'out');
  await fetchModel(from, { out });
  const there = readdirSync(out, { recursive: true }).sort();
  expect(there).toEqual(['config.json', 'fetched.json', 'pooling', 'pooling/deep', 'pooling/deep/d']);
});

test('no file is copied with the rights of another user', async () => {
  const from = folder();
  for (const [name, mode] of [
    ['config.json', 0o640],
    ['run', 0o4755],
    ['group', 0o2750],
  ] as const) {
    // prettier-ignore
    writeFileSync(join(from, name), '{}');
    chmodSync(join(from, name), mode);
  }
  const out = join(folder(), 'out');
  await fetchModel(from, { out });
  for (const name of ['config.json', 'run', 'group']) expect(statSync(join(out, name)).mode & 0o7000).toBe(0);
  expect(statSync(join(out, 'run')).mode & 0o100).toBe(0o100);
});
