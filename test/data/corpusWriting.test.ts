import { describe, expect, test } from '@jest/globals';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readCorpus } from '../../src/data/corpus.js';
import { writeCorpus } from '../../src/data/write.js';
import { InputError } from '../../src/errors.js';
import { document, twoTasks, writeFiles } from '../support/corpus.js';
import { temporaryFolders } from '../support/temporaryFolder.js';

const folder = temporaryFolders();
const one = { ner: twoTasks.ner };

describe('a corpus written', () => {
  test('comes back the same, codes included', async () => {
    const documents = [
      {
        ...document('a', '\ufeff👩 La "médica"\tjefe.\r\nFin', {
          ner: [
            ['A', 'La "médica"\tjefe'],
            ['B', 'médica'],
          ],
        }),
        codes: [{ start: 3, end: 16, text: 'La "médica"\tj', code: 'SCTID: 1' }],
      },
      document('b', '', {}),
    ];
    const corpus = folder();
    await writeCorpus(corpus, documents, twoTasks);
    const { documents: read, faults } = await readCorpus(corpus, twoTasks);
    expect(read).toEqual(documents);
    expect(faults).toEqual([]);
  });

  test('has one .ann for tasks that share a folder', async () => {
    const corpus = folder();
    const tasks = { ner: { folder: 't', labels: ['A'] }, class: { folder: 't', labels: ['X'] } };
    await writeCorpus(
      corpus,
      [document('a', 'médica', { ner: [['A', 'médica']], class: [['X', 'médica']] })],
      tasks,
    );
    expect(readFileSync(join(corpus, 't/a.ann'), 'utf8')).toBe('T1\tA 0 6\tmédica\nT2\tX 0 6\tmédica\n');
  });

  test('has no norm.tsv without codes, and leaves no temporary files', async () => {
    const corpus = folder();
    await writeCorpus(corpus, [document('a', 'x')], one);
    expect(readdirSync(corpus)).toEqual(['task1']);
    expect(readdirSync(join(corpus, 'task1'))).toEqual(['a.ann', 'a.txt']);
  });

  test.each(['../a', 'x/y', 'x\\y', '..', '', '.a', 'a\0'])('never has a document named %j', async (name) => {
    const corpus = folder();
    const documents = [document('good', 'x'), document(name, 'x')];
    await expect(writeCorpus(corpus, documents, one)).rejects.toThrow(InputError);
    expect(readdirSync(corpus)).toEqual([]);
  });

  test('never has two documents of one name', async () => {
    const documents = [document('a', 'x'), document('a', 'y')];
    await expect(writeCorpus(folder(), documents, one)).rejects.toThrow(
      'Two documents have the name a; rename one.',
    );
  });

  test.each(['../t', '/t', 'a/../../t'])('never has a task folder %j outside', async (outside) => {
    const tasks = { ner: { folder: outside, labels: ['A'] } };
    await expect(writeCorpus(folder(), [document('a', 'x')], tasks)).rejects.toThrow('leads outside');
  });

  test('says why it cannot be written', async () => {
    const corpus = writeFiles(folder(), { task1: 'a file' });
    await expect(writeCorpus(corpus, [document('a', 'x')], one)).rejects.toThrow(
      /task1.a.txt cannot be written: /,
    );
  });
});
