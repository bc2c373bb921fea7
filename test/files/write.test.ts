import { expect, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '../../src/errors.js';
import { temporaryFor } from '../../src/files/temporary.js';
import { writeAtomically, writeFolder, writeOutput } from '../../src/files/write.js';
import { temporaryFolders } from '../support/temporaryFolder.js';

const folder = temporaryFolders();
const full = () =>
  Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC', syscall: 'write' });

test('a file stays as it was where the disk is full while it is written, and nothing is left beside it', async () => {
  const file = join(folder(), 'a', 'run.json');
  await writeAtomically(file, 'before');
  const written = writeAtomically(file, async (handle) => {
    await handle.write(Buffer.from('aft'));
    throw full();
  });
  await expect(written).rejects.toThrow(
    `${file} cannot be written: no space left on the disk; make room and run the command again.`,
  );
  expect(readFileSync(file, 'utf8')).toBe('before');
  expect(readdirSync(join(file, '..'))).toEqual(['run.json']);
});

test('what the writer of a file throws is thrown as it is', async () => {
  const mine = new InputError('the model has no numbers');
  const written = writeAtomically(join(folder(), 'a'), () => Promise.reject(mine));
  await expect(written).rejects.toBe(mine);
});

test('a folder is there whole or not at all, and the message names it', async () => {
  const parent = folder();
  const out = join(parent, 'made');
  const half = async (fresh: string) => {
    await writeAtomically(join(fresh, 'ner/a.ann'), '');
    await writeAtomically(join(fresh, 'ner/b.ann'), () => Promise.reject(full()));
  };
  await expect(writeFolder(out, half)).rejects.toThrow(`${out} cannot be written: no space left on the disk`);
  expect(readdirSync(parent)).toEqual([]);
  mkdirSync(out); // an empty one is as good as none
  await writeFolder(out, (fresh) => writeAtomically(join(fresh, 'ner/a.ann'), 'T1'));
  expect(readFileSync(join(out, 'ner/a.ann'), 'utf8')).toBe('T1');
  await expect(writeFolder(out, () => Promise.resolve())).rejects.toThrow(`${out} cannot be written`);
  expect(readdirSync(parent)).toEqual(['made']);
});

test.each([
  ['a file', (path: string) => writeOutput(path, 'whole')],
  ['a folder', (path: string) => writeFolder(path, (fresh) => writeAtomically(join(fresh, 'a'), 'whole'))],
])('%s that is asked for comes without what a killed process has left of it', async (_, write) => {
  const where = folder();
  const { pid } = spawnSync(process.execPath, ['-e', '']);
  const left = temporaryFor(join(where, 'made')).replace(`.${process.pid}-`, `.${pid}-`);
  writeFileSync(left, 'wh');
  await write(join(where, 'made'));
  expect(readdirSync(where)).toEqual(['made']);
});

test('what others have beside a file is left alone', async () => {
  const where = folder();
  writeFileSync(join(where, '.a.tmp'), 'mine');
  await writeAtomically(join(where, 'a'), 'b');
  expect(readdirSync(where).sort()).toEqual(['.a.tmp', 'a']);
});
