import { expect, test } from '@jest/globals';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from '../../src/errors.js';
import { checkFree } from '../../src/files/free.js';
import { temporaryFolders } from '../support/temporaryFolder.js';

const folder = temporaryFolders();

/** What is said of a place for a file, and for a folder, in which that is; undefined where nothing is. */
async function said(make: (path: string) => void) {
  const path = join(folder(), 'out');
  make(path);
  const of = (kind: 'file' | 'folder') =>
    checkFree(path, kind, '--out').then(
      () => undefined,
      (error: Error) => {
        expect(error).toBeInstanceOf(UsageError);
        return error.message.replace(path, 'it');
      },
    );
  return [await of('file'), await of('folder')];
}

test.each<[string, (path: string) => void, [string | undefined, string | undefined]]>([
  ['nothing', () => {}, [undefined, undefined]],
  ['a file', (path) => writeFileSync(path, ''), ['there already', 'there already']],
  ['an empty folder', (path) => mkdirSync(path), ['a folder', undefined]],
  [
    'a folder with something in it',
    (path) => mkdirSync(join(path, 'a'), { recursive: true }),
    ['a folder', 'not empty'],
  ],
])('where %s is, a file and a folder can be made, or are refused', async (_, make, expected) => {
  expect(await said(make)).toEqual(expected.map((what) => what && `it is ${what}: choose another --out`));
});
