import { describe, expect, test } from '@jest/globals';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { readCorpus, readTexts, type CorpusOptions } from '../../src/data/corpus.js';
import { InputError } from '../../src/errors.js';
import { corpusFiles, document, twoTasks, writeFiles } from '../support/corpus.js';
import { temporaryFolders } from '../support/temporaryFolder.js';
import { corpusProblems, type CorpusFiles } from '../support/corpusProblems.js';

const folder = temporaryFolders();
const one = { ner: twoTasks.ner };
const problems = (files: CorpusFiles, options?: CorpusOptions) => corpusProblems(folder(), files, options);

describe('a corpus', () => {
  test('has its documents by name in order of code units, with the spans of every task', async () => {
    const corpus = await readCorpus(
      writeFiles(folder(), {
        ...corpusFiles({ b: 'La médica.', B: 'Nada.', á: '', a10: 'x', a9: 'y' }),
        'task1/b.ann': 'T1\tA 3 9\tmédica\n',
        'task2/b.ann': 'T1\tX 3 9\tmédica\n',
      }),
      twoTasks,
    );
    expect(corpus.documents.map(({ name }) => name)).toEqual(['B', 'a10', 'a9', 'b', 'á']);
    expect(corpus.documents[3]).toEqual(
      document('b', 'La médica.', { ner: [['A', 'médica']], class: [['X', 'médica']] }),
    );
    expect(corpus.faults).toEqual([]);
  });

  test('keeps a byte order mark and CRLF in its texts', async () => {
    const { documents } = await readCorpus(
      writeFiles(folder(), corpusFiles({ a: '\ufeffLa\r\nmédica' })),
      twoTasks,
    );
    expect(documents[0]!.text).toBe('\ufeffLa\r\nmédica');
  });

  test('may have one task, in the corpus folder itself', async () => {
    const files = { 'a.txt': 'médica', 'a.ann': 'T1\tA 0 6\tmédica' };
    const corpus = await readCorpus(writeFiles(folder(), files), { ner: { folder: '.', labels: ['A'] } });
    expect(corpus.documents[0]!.spans).toEqual({ ner: [{ label: 'A', start: 0, end: 6 }] });
  });

  test('may have several tasks in one folder', async () => {
    const files = { 't/a.txt': 'médica', 't/a.ann': 'T1\tA 0 6\tmédica\nT2\tX 0 6\tmédica' };
    const tasks = { ner: { folder: 't', labels: ['A'] }, class: { folder: 't/', labels: ['X'] } };
    const { documents, faults } = await readCorpus(writeFiles(folder(), files), tasks);
    expect(documents[0]!.spans).toEqual({
      ner: [{ label: 'A', start: 0, end: 6 }],
      class: [{ label: 'X', start: 0, end: 6 }],
    });
    expect(faults).toEqual([]);
  });

  test('leaves hidden files, other files and folders alone', async () => {
    const files = {
      ...corpusFiles({ a: 'x' }),
      'task1/._a.txt': '',
      'task1/annotation.conf': '',
      'task1/b.txt/c': '',
    };
    const { documents } = await readCorpus(writeFiles(folder(), files), twoTasks);
    expect(documents).toHaveLength(1);
  });

  test('names the files whose annotations are not in order', async () => {
    const files = { ...corpusFiles({ a: 'uno dos' }), 'task1/a.ann': 'T1\tA 4 7\tdos\nT2\tA 0 3\tuno\n' };
    const { unsorted } = await readCorpus(writeFiles(folder(), files), twoTasks);
    expect(unsorted.map((file) => file.slice(-11))).toEqual(['task1/a.ann']);
  });

  test('has a hash that any byte or name changes, and its place does not', async () => {
    const hash = async (files: Record<string, string>, options?: CorpusOptions) =>
      (await readCorpus(writeFiles(folder(), files), one, options)).hash;
    const files = { 'task1/a.txt': 'x', 'task1/a.ann': '' };
    const first = await hash(files);
    expect(first).toMatch(/^[0-9a-f]{64}$/);
    expect(await hash(files)).toBe(first);
    const others = await Promise.all([
      hash({ ...files, 'task1/a.txt': 'y' }),
      hash({ ...files, 'task1/a.ann': '\n' }),
      hash({ 'task1/b.txt': 'x', 'task1/b.ann': '' }),
      hash({ ...files, 'norm.tsv': 'filename\ttext\tspan\tcode\n' }),
    ]);
    expect(new Set([first, ...others]).size).toBe(5);
  });

  test('has labels of no task reported once each, with their number', async () => {
    const { message, faults, documents } = await problems({
      ...corpusFiles({ a: 'uno dos', b: 'uno' }),
      'task1/a.ann': 'T1\tZ 0 3\tuno\nT2\tZ 4 7\tdos\nT3\tA 4 7\tdos\n',
      'task1/b.ann': 'T1\tZ 0 3\tuno\nT2\tX 0 3\tuno\n',
    });
    expect(message).not.toBeInstanceOf(Error);
    expect(documents[0]!.spans.ner).toHaveLength(1);
    expect(faults).toEqual([
      'warning …/task1: 3 spans have the label Z, which task ner does not list; ignored.',
      'warning …/task1: 1 span has the label X, which task ner does not list; ignored.',
    ]);
  });
});

describe('texts of a folder', () => {
  test('come one at a time, in order', async () => {
    const input = writeFiles(folder(), {
      'b.txt': '\ufeffdos',
      'a.txt': 'uno',
      'a.ann': '',
      'sub/c.txt': 'tres',
    });
    const texts = readTexts(input);
    expect(await texts.next()).toEqual({ done: false, value: { name: 'a', text: 'uno' } });
    rmSync(join(input, 'b.txt'));
    await expect(texts.next()).rejects.toThrow('b.txt cannot be read: it does not exist.');
  });

  test('must be there', async () => {
    const empty = folder();
    await expect(readTexts(empty).next()).rejects.toThrow(
      new InputError(`The folder ${empty} has no .txt files.`),
    );
    await expect(readTexts('/no/such').next()).rejects.toThrow(
      'The folder /no/such cannot be read: it does not exist.',
    );
  });

  test('must be UTF-8', async () => {
    const input = writeFiles(folder(), { 'a.txt': Uint8Array.of(0x6d, 0xe9) });
    await expect(readTexts(input).next()).rejects.toThrow('a.txt: not UTF-8 at byte 1 (0xe9)');
  });
});
