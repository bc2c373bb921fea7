import { describe, expect, test } from '@jest/globals';
import { join } from 'node:path';
import { evaluateNormFiles } from '../../src/eval/normFiles.js';
import { writeFiles } from '../support/corpus.js';
import { temporaryFolders } from '../support/temporaryFolder.js';

const folder = temporaryFolders();

describe('the evaluation of tables', () => {
  const rows = 'filename\ttext\tspan\tcode\na\tx\t0 6\t2211.1\na\tx\t8 9\tSCTID: 1\n';
  const evaluateTables = (gold: string, pred: string, codes?: string) => {
    const place = writeFiles(folder(), { 'gold.tsv': gold, 'pred.tsv': pred, 'codes.tsv': codes ?? null });
    const file = (name: string) => join(place, name);
    return evaluateNormFiles(
      file('gold.tsv'),
      file('pred.tsv'),
      codes === undefined ? codes : file('codes.tsv'),
    );
  };

  test('tells what it ignores', async () => {
    const more = `${rows}b\tx\t0 6\t2211.1\na\tx\t0 6\tNIL\n`;
    const { notices } = await evaluateTables(rows, more, 'code\n2211.1\nSCTID: 1\n');
    expect(notices).toEqual([
      'Predictions in documents that the gold lacks, ignored: 1.',
      'Predictions with a code that is not valid, ignored: 1.',
    ]);
  });

  test('tells that every code counts, and that a first line was taken for the header', async () => {
    const { notices } = await evaluateTables(rows, rows.replace(/^.*\n/, '') + 'a\tx\t9 9\tNIL\n');
    expect(notices).toEqual([
      expect.stringContaining('pred.tsv: the first line looks like data, but counts as the header'),
      expect.stringContaining('every code counts'),
    ]);
  });

  test('tells names that are the same to the eye only', async () => {
    const names = (name: string) => `${rows}${name}\tx\t0 6\t2211.1\n`;
    const [composed, decomposed] = ['Pe\u00f1a', 'Pen\u0303a'];
    const { notices } = await evaluateTables(names(composed), names(decomposed));
    const hint = `For ${decomposed} the gold has a name that looks the same in another Unicode normal form (NFC, NFD)`;
    expect(notices.join()).toContain(`in documents that the gold lacks, ignored: 1. ${hint}`);
    const only = (name: string) => rows.replaceAll('\na\t', `\n${name}\t`);
    await expect(evaluateTables(only(composed), only(decomposed))).rejects.toThrow(hint);
  });

  test('counts gold rows that no prediction can equal, and says where they are', async () => {
    const more = `${rows}a\tNA\t1 2\t2211.1\na\tx\t3 4 \t2211.1\na\tx\t5 6\tNIL\na\tx\t7 8\t\n`;
    const { notices, evaluation } = await evaluateTables(more, rows, 'code\n2211.1\nSCTID: 1\n');
    expect(evaluation.falseNegatives).toBe(4);
    expect(notices.map((notice) => notice.replaceAll(/\S+(gold|codes)\.tsv/g, '$1.tsv'))).toEqual([
      'gold.tsv: gold rows whose file name, span or code is empty or reads as "not available": 1 (line 7).',
      'gold.tsv: gold rows with white space around the file name, span or code, which predictions are stripped of: 1 (line 5).',
      'gold.tsv: gold rows whose text is empty or reads as "not available": 1 (line 4).',
      'gold.tsv: gold rows whose code is not in codes.tsv: 1 (line 6).',
      'Gold rows that a prediction can equal: 2 of 6; the others are missed, whatever is predicted.',
    ]);
  });

  test.each([
    ['a prediction has no code', rows, `${rows}a\tx\t1 2\tNA\n`, /pred\.tsv, line 4: the code is empty/],
    [
      'all predicted codes are numbers',
      rows,
      rows.replace('SCTID: ', ''),
      /pred\.tsv: every code is a number/,
    ],
    ['all gold codes are numbers', rows.replace('SCTID: ', ''), rows, /gold\.tsv: every code is a number/],
    ['there are no rows', rows, rows.split('\n')[0]!, /pred\.tsv has no rows/],
    ['a column is missing', rows, 'x\ty\tz\n1\t2\t3\n', /pred\.tsv: 3 columns instead of four/],
    ['no document is known', rows, rows.replaceAll('\na\t', '\nb\t'), /no row is of a document of/],
  ])('explains itself where %s', async (_, gold, pred, message) => {
    await expect(evaluateTables(gold, pred)).rejects.toThrow(message);
  });

  test.each([
    ['no code is valid', 'code\nX\n', /no row has a code that is in .*codes\.tsv/],
    ['the codes have no column of codes', 'kode\nX\n', /codes\.tsv has no column "code"/],
    ['all valid codes are numbers', 'code\n2211.1\n', /codes\.tsv: every code is a number/],
  ])('explains itself where %s', async (_, codes, message) => {
    await expect(evaluateTables(rows, rows, codes)).rejects.toThrow(message);
  });
});
