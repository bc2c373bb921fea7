import { describe, expect, test } from '@jest/globals';
import { linkSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isSameFile, linkFolder, recoverFolder } from '../../src/files/replace.js';
import { temporaryFolders } from '../support/temporaryFolder.js';

describe('a folder of which a killed process left parts', () => {
  const folder = temporaryFolders();
  /** Makes a folder for each suffix, holding a file that says which it is; returns what recovery made of it. */
  const recovered = async (...suffixes: string[]) => {
    const root = folder();
    for (const suffix of suffixes) {
      mkdirSync(join(root, `last${suffix}`));
      writeFileSync(join(root, `last${suffix}`, 'is'), suffix || 'last');
    }
    const there = await recoverFolder(join(root, 'last'));
    expect(readdirSync(root)).toEqual(there ? ['last'] : []);
    return there && readFileSync(join(root, 'last/is'), 'utf8');
  };

  test('is not there where only part of the first was written', async () => {
    expect(await recovered('.new')).toBe(false);
    expect(await recovered()).toBe(false);
  });

  test('is what it was where its successor was not moved in yet', async () => {
    expect(await recovered('', '.new')).toBe('last');
    expect(await recovered('', '.done')).toBe('last');
  });

  test('is its successor where that was whole', async () => {
    expect(await recovered('.done')).toBe('.done');
    expect(await recovered('.done', '.old')).toBe('.done');
    expect(await recovered('', '.old')).toBe('last');
  });

  test('is what was moved away where there is nothing else', async () => {
    expect(await recovered('.old')).toBe('.old');
    expect(await recovered('.old', '.new')).toBe('.old');
  });
});

describe('a folder of other names for the files of one', () => {
  const folder = temporaryFolders();

  test('has all of them but those that are left out, and takes the place of what was there', async () => {
    const root = folder();
    const [from, to] = [join(root, 'from'), join(root, 'to')];
    mkdirSync(join(from, 'below/deep'), { recursive: true });
    const files = ['a', 'state', 'below/b', 'below/state', 'below/deep/c'];
    for (const file of files) writeFileSync(join(from, file), file);
    mkdirSync(to);
    writeFileSync(join(to, 'old'), 'old');
    await linkFolder(from, to, ['state']);
    const there = readdirSync(to, { recursive: true }).sort();
    expect(there).toEqual(['a', 'below', 'below/b', 'below/deep', 'below/deep/c']);
    for (const file of ['a', 'below/b', 'below/deep/c']) {
      expect(readFileSync(join(to, file), 'utf8')).toBe(file);
      expect(await isSameFile(join(from, file), join(to, file))).toBe(true);
    }
    expect(readdirSync(root).sort()).toEqual(['from', 'to']);
  });

  test('is told by one file of both, which a file of the same content is not', async () => {
    const root = folder();
    for (const name of ['a', 'b']) writeFileSync(join(root, name), 'same');
    linkSync(join(root, 'a'), join(root, 'c'));
    const isSame = (one: string, other: string) => isSameFile(join(root, one), join(root, other));
    expect(await isSame('a', 'c')).toBe(true);
    expect(await isSame('a', 'b')).toBe(false);
    expect(await isSame('a', 'none')).toBe(false);
    expect(await isSame('none', 'neither')).toBe(false);
  });
});
