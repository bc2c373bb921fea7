import { describe, expect, test } from '@jest/globals';
import { join } from 'node:path';
import { readCorpus, type CorpusOptions } from '../../src/data/corpus.js';
import { corpusFiles, twoTasks, writeFiles } from '../support/corpus.js';
import { temporaryFolders } from '../support/temporaryFolder.js';
import { corpusProblems, type CorpusFiles } from '../support/corpusProblems.js';

const folder = temporaryFolders();
const problems = (files: CorpusFiles, options?: CorpusOptions) => corpusProblems(folder(), files, options);

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
