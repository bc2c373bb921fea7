import { expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { removeLeftovers, temporaryFor } from '../../src/files/temporary.js';
import { temporaryFolders } from '../support/temporaryFolder.js';

const folder = temporaryFolders();

test('what a dead process has left goes; what a live one writes, one of another host, and files of others stay', async () => {
  const where = folder();
  const mine = temporaryFor(join(where, 'a.ann'));
  const { pid } = spawnSync(process.execPath, ['-e', '']);
  const dead = mine.replace(`.${process.pid}-`, `.${pid}-`);
  const elsewhere = dead.replace(/-[0-9a-f]{8}-([0-9a-f]{8}\.tmp)$/, '-00000000-$1');
  for (const file of [mine, dead, elsewhere, join(where, '.notes.tmp')]) writeFileSync(file, '');
  mkdirSync(temporaryFor(join(where, 'folder')).replace(`.${process.pid}-`, `.${pid}-`));
  await removeLeftovers(where, join(where, 'none'));
  expect(readdirSync(where).sort()).toEqual([basename(mine), basename(elsewhere), '.notes.tmp'].sort());
});

test('a temporary name fits where the longest of names does', () => {
  const where = folder();
  const file = join(where, `${'ñ'.repeat(125)}.ann`); // 254 bytes
  writeFileSync(file, '');
  writeFileSync(temporaryFor(file), '');
  expect(readdirSync(where)).toHaveLength(2);
});
