import { describe, expect, test } from '@jest/globals';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { readCorpus, type CorpusOptions } from '../../src/data/corpus.js';
import { InputError } from '../../src/errors.js';
import { corpusFiles, twoTasks, writeFiles } from '../support/corpus.js';
import { temporaryFolders } from '../support/temporaryFolder.js';
import { corpusProblems, type CorpusFiles } from '../support/corpusProblems.js';

const folder = temporaryFolders();
const problems = (files: CorpusFiles, options?: CorpusOptions) => corpusProblems(folder(), files, options);

describe('a corpus that is wrong', () => {
  test('because its folder is missing says so', async () => {
    await expect(readCorpus('/no/such/corpus', twoTasks)).rejects.toThrow(
      new InputError('The corpus folder /no/such/corpus does not exist.'),
    );
  });

  test('because it has no documents says where they were looked for', async () => {
    const corpus = folder();
    for (const name of ['task1', 'task2']) mkdirSync(join(corpus, name));
    const message = `No .txt and .ann files in ${corpus}/task1 nor in ${corpus}/task2; a brat corpus has both there.`;
    await expect(readCorpus(corpus, twoTasks)).rejects.toThrow(new InputError(message));
    await expect(readCorpus(corpus, twoTasks, { tolerant: true })).rejects.toThrow(message);
  });

  test('because its files lie in no folder of a task says how they are read', async () => {
    const corpus = join(folder(), 'notes');
    writeFiles(corpus, { 'a.txt': 'médica', 'a.ann': 'T1\tPROFESION 0 6\tmédica\n' });
    const said =
      /There are \.ann files in .* itself: with data\.corpus: (\S+) and the folder (\S+) for the task/;
    const error = await readCorpus(corpus, twoTasks).catch((refusal: Error) => refusal);
    const [, parent, name] = said.exec(String(error))!;
    const { documents } = await readCorpus(parent!, { ner: { folder: name!, labels: ['PROFESION'] } });
    expect(documents.map((document) => document.spans.ner?.length)).toEqual([1]);
  });

  test('because its files are of a format that nothing tells says where it is said', async () => {
    const corpus = writeFiles(folder(), { 'train.txt': 'Ana B-PER\n' });
    await expect(readCorpus(corpus, twoTasks)).rejects.toThrow('are read where data.format says which.');
  });

  test('because a task has no folder names the task', async () => {
    const { message, faults } = await problems({ 'task1/a.txt': 'x', 'task1/a.ann': '' });
    expect(message).toBe(
      '…/task2: the folder of task class does not exist; its .txt and .ann files are looked for there.',
    );
    expect(faults).toHaveLength(1);
  });

  test.each([
    [
      'task1/a.ann',
      '…/task1/a.ann: missing, though a.txt is there; a document without spans has an empty .ann.',
    ],
    ['task2/a.txt', '…/task2/a.txt: missing, though a.ann is there.'],
  ])('because %s is missing names it', async (missing, expected) => {
    const { message, faults, documents } = await problems({
      ...corpusFiles({ a: 'x', b: 'y' }),
      [missing]: null,
    });
    expect(message).toBe(expected);
    expect(faults).toHaveLength(1);
    expect(documents).toHaveLength(2);
  });

  test('because a task lacks a document names it', async () => {
    const files = { ...corpusFiles({ a: 'x', b: 'y' }), 'task2/a.txt': null, 'task2/a.ann': null };
    const { message } = await problems(files);
    expect(message).toBe(
      '…/task2/a.txt: missing, though …/task1/a.txt is there; every task has all documents.',
    );
  });

  test('because a text differs between tasks names the first character that does', async () => {
    const files = {
      ...corpusFiles({ a: '👩 es médica' }),
      'task2/a.txt': '👩 es medica',
      'task2/a.ann': 'T1\tX 5 11\tmedica\n',
    };
    const { message, faults, documents } = await problems(files);
    expect(message).toBe(
      '…/task2/a.txt: not the same text as …/task1/a.txt, from character 6 on; all tasks annotate the same texts.',
    );
    expect(faults).toHaveLength(1);
    expect(documents[0]!.spans.class).toEqual([]);
  });

  test('because a text goes on where the other ends names its end', async () => {
    const { message } = await problems({ ...corpusFiles({ a: 'uno' }), 'task2/a.txt': 'uno\n' });
    expect(message).toMatch('from character 3 on');
  });

  test.each([
    ['Latin-1', [0x6d, 0xe9, 0x64], 'not UTF-8 at byte 1 (0xe9)'],
    ['cut off inside a character', [0x6d, 0xc3], 'not UTF-8 at byte 1 (0xc3)'],
    ['holding a surrogate', [0x61, 0x62, 0xed, 0xa0, 0x80, 0x63], 'not UTF-8 at byte 2 (0xed)'],
    ['UTF-16', [0xff, 0xfe, 0x61, 0x00], 'the file is UTF-16; convert it to UTF-8.'],
  ])('because a text is %s names the byte', async (_, bytes, expected) => {
    const files = { ...corpusFiles({ a: 'x', b: 'y' }), 'task1/b.txt': Uint8Array.from(bytes) };
    const { message, faults } = await problems(files);
    expect(message).toMatch('…/task1/b.txt: ');
    expect(message).toMatch(expected);
    expect(faults).toHaveLength(1);
  });

  test('because of an annotation names file and line', async () => {
    const files = { ...corpusFiles({ a: 'uno' }), 'task2/a.ann': 'T1\tX 0 3\tuno\nT2\tX 1 9\tno\n' };
    const { message, documents } = await problems(files);
    expect(message).toBe("…/task2/a.ann:2: X 1 9 points past the text's 3 characters.");
    expect(documents[0]!.spans.class).toHaveLength(1);
  });

  test('in many places has all of them listed by a tolerant reader, in order', async () => {
    const { faults } = await problems({
      ...corpusFiles({ a: 'uno', b: 'dos', c: 'tres' }),
      'task1/a.ann': 'T1\tA 0 9\tuno\nT2\tA\n',
      'task1/b.ann': Uint8Array.of(0xff),
      'task2/c.ann': null,
      'norm.tsv': 'filename\ttext\tspan\tcode\nz\tuno\t0 3\t1\n',
    });
    expect(faults.map((fault) => fault.split(' ')[1])).toEqual([
      '…/task2/c.ann:',
      '…/task1/a.ann:1',
      '…/task1/a.ann:2',
      '…/task1/b.ann:',
      '…/norm.tsv:2',
    ]);
  });
});

describe('names that differ by their Unicode normal form only', () => {
  const [composed, decomposed] = ['\u00e1', 'a\u0301'] as [string, string];
  const hint =
    'has a name that looks the same in another Unicode normal form (NFC, NFD); rename one of them.';

  test('are told where a document lacks a file', async () => {
    const { message } = await problems({
      [`task1/${composed}.txt`]: 'x',
      [`task1/${decomposed}.ann`]: '',
      ...corpusFiles({ b: 'y' }),
    });
    expect(message).toContain(hint);
  });

  test('are told where a task lacks a document', async () => {
    const files = {
      [`task1/${composed}.txt`]: 'x',
      [`task1/${composed}.ann`]: '',
      [`task2/${decomposed}.txt`]: 'x',
      [`task2/${decomposed}.ann`]: '',
    };
    expect((await problems(files)).message).toContain(hint);
  });

  test('are told where the table of codes names no document', async () => {
    const table = `filename\ttext\tspan\tcode\n${decomposed}\tx\t0 1\t1\n`;
    const { message } = await problems({ ...corpusFiles({ [composed]: 'x' }), 'x.tsv': table });
    expect(message).toContain(`no document ${decomposed} in the corpus. One ${hint}`);
  });

  test('are two documents where both are there', async () => {
    const { documents, faults } = await problems(corpusFiles({ [composed]: 'x', [decomposed]: 'y' }));
    expect([documents.map(({ text }) => text), faults]).toEqual([['y', 'x'], []]);
  });
});
