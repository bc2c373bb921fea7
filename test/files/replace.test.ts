import { describe, expect, test } from '@jest/globals';
import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { recoverFolder } from '../../src/files/replace.js';
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
