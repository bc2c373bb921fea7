import { describe, expect, test } from '@jest/globals';
import { mkdirSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { readCorpus, readTexts, writeCorpus, type CorpusOptions } from '../../src/data/corpus.js';
import { InputError } from '../../src/errors.js';
import { corpusFiles, document, twoTasks, writeFiles } from '../support/corpus.js';
import { temporaryFolders } from '../support/temporaryFolder.js';

const folder = temporaryFolders();
const one = { ner: twoTasks.ner };

/** Reads a corpus of these files strictly and tolerantly; messages have `…` for its folder. */
async function problems(files: Record<string, string | Uint8Array | null>, options: CorpusOptions = {}) {
  const corpus = writeFiles(folder(), files);
  const shorten = (text: string) => text.replaceAll(corpus, '…');
  const error: unknown = await readCorpus(corpus, twoTasks, options).catch((reason: unknown) => reason);
  const tolerant = await readCorpus(corpus, twoTasks, { ...options, tolerant: true });
  return {
    message: error instanceof InputError ? shorten(error.message) : error,
    faults: tolerant.faults.map(
      ({ severity, file, line, message }) => `${severity} ${shorten(file)}:${line ?? ''} ${shorten(message)}`,
    ),
    documents: tolerant.documents,
  };
}

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

describe('the NORM table of a corpus', () => {
  const header = 'filename\ttext\tspan\tcode\n';
  const texts = corpusFiles({ a: 'La médica.', b: 'El juez.' });

  test('is the only .tsv file in the corpus folder; its rows come sorted to their documents', async () => {
    const files = {
      ...texts,
      'x.tsv': `${header}b\tjuez\t3 7\t2612.1\na\tmédica\t3 9\t SCTID: 1 \na\tLa\t0 2\t3\n`,
    };
    const { documents, faults } = await readCorpus(writeFiles(folder(), files), twoTasks);
    expect(documents.map(({ codes }) => codes)).toEqual([
      [
        { start: 0, end: 2, text: 'La', code: '3' },
        { start: 3, end: 9, text: 'médica', code: 'SCTID: 1' },
      ],
      [{ start: 3, end: 7, text: 'juez', code: '2612.1' }],
    ]);
    expect(faults).toEqual([]);
  });

  test('can be named, and lie elsewhere', async () => {
    const corpus = writeFiles(folder(), { ...texts, 'x.tsv': header, 'y.tsv': header });
    const table = join(writeFiles(folder(), { 'z.tsv': `${header}b\tjuez\t3 7\t1\n` }), 'z.tsv');
    const { documents, faults } = await readCorpus(corpus, twoTasks, { norm: table });
    expect(documents[1]!.codes).toHaveLength(1);
    expect(faults).toEqual([]);
  });

  test('that cannot be chosen among several is reported', async () => {
    const { faults } = await problems({ ...texts, 'x.tsv': header, 'y.tsv': header });
    expect(faults).toEqual(['warning …: 2 .tsv files (x, y); no codes are read unless data.norm names one.']);
  });

  test('that is named and missing is an error', async () => {
    const corpus = writeFiles(folder(), texts);
    await expect(readCorpus(corpus, twoTasks, { norm: '/no/norm.tsv' })).rejects.toThrow(
      '/no/norm.tsv cannot be read: it does not exist.',
    );
  });

  test('keeps both codes of a span with two, and equal rows once', async () => {
    const row = 'b\tjuez\t3 7\t';
    const { documents } = await problems({ ...texts, 'x.tsv': `${header}${row}2\n${row}1\n${row}2\n` });
    expect(documents[1]!.codes.map(({ code }) => code)).toEqual(['1', '2']);
  });

  test.each([
    ['c\tjuez\t3 7\t1', 'no document c in the corpus.'],
    ['b\tjuez\t3-7\t1', 'the span "3-7" is not two whole numbers, start and end.'],
    ['b\tjuez\t7 3\t1', 'the span 7 3 ends where it starts or before; the end is exclusive.'],
    ['b\tjuez\t3 70\t1', 'the span 3 70 points past the 8 characters of b.'],
    ['b\tjuez\t2 6\t1', '2 6 is " jue" in b, but the row says "juez".'],
    ['b\tjuez\t3 7\t', 'the row has no code.'],
    [
      'b\tjuez\t3 7',
      'the row has 3 fields where the header has 4; put one tab between two fields, and quotes around one that holds a tab.',
    ],
  ])('row %j is an error', async (row, expected) => {
    const { message, faults } = await problems({ ...texts, 'x.tsv': `${header}b\tjuez\t3 7\t1\n${row}\n` });
    expect(message).toBe(`…/x.tsv:3: ${expected}`);
    expect(faults).toEqual([`error …/x.tsv:3 ${expected}`]);
  });
});

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
