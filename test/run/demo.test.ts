import { beforeEach, describe, expect, test } from '@jest/globals';
import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { UsageError } from '../../src/errors.js';
import { readCorpus } from '../../src/data/corpus.js';
import { makeDemo } from '../../src/run/demo.js';
import { temporaryFolders } from '../support/temporaryFolder.js';
import { tinyConfig } from '../support/tinyRun.js';

const temporary = temporaryFolders();
const config = tinyConfig({ data: { corpus: 'none' } });
let folder: string;
beforeEach(() => {
  folder = join(temporary(), 'demo');
});

describe("the demo's corpus", () => {
  test('is one that the completed config reads, with its split and codes', async () => {
    const { data, tasks, ...others } = await makeDemo(folder, 20, config);
    expect({ ...others, tasks }).toEqual({ ...config, data: undefined });
    const { documents, faults } = await readCorpus(data.corpus, tasks);
    expect(documents).toHaveLength(20);
    expect(faults).toEqual([]);
    expect(existsSync(data.split!) && existsSync(data.codes!)).toBe(true);
  });

  test("takes the place of an earlier demo's, of which nothing stays", async () => {
    await makeDemo(folder, 30, config);
    mkdirSync(join(folder, 'run'));
    const { data } = await makeDemo(folder, 20, config);
    expect(existsSync(join(folder, 'run'))).toBe(false);
    expect(readdirSync(join(data.corpus, 'task1'))).toHaveLength(40);
  });

  test('goes into an empty folder', async () => {
    mkdirSync(folder);
    await makeDemo(folder, 20, config);
    expect(readdirSync(folder)).toContain('corpus');
  });

  test.each([['notes.txt'], ['demo.json']])(
    'does not replace a folder that holds something else (%s)',
    async (name) => {
      mkdirSync(folder);
      writeFileSync(join(folder, name), '{}');
      await expect(makeDemo(folder, 20, config)).rejects.toThrow(UsageError);
      expect(readFileSync(join(folder, name), 'utf8')).toBe('{}');
    },
  );

  test('does not replace a file', async () => {
    writeFileSync(folder, 'thesis');
    await expect(makeDemo(folder, 20, config)).rejects.toThrow(/ENOTDIR/);
    expect(readFileSync(folder, 'utf8')).toBe('thesis');
  });
});
