import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { join } from 'node:path';
import { formatCodes, formatNorm, parseNorm, readCodes } from '../../src/data/norm.js';
import { InputError } from '../../src/errors.js';
import { writeFiles } from '../support/corpus.js';
import { temporaryFolders } from '../support/temporaryFolder.js';

const folder = temporaryFolders();
const write = (content: string | Uint8Array) => join(writeFiles(folder(), { 't.tsv': content }), 't.tsv');
const header = 'filename\ttext\tspan\tcode\n';
const rows = (content: string) => parseNorm(content, 't.tsv').rows;

describe('a NORM table', () => {
  test('has a row per coded span, quoted or not', () => {
    const table = rows(
      `"filename"\t"text"\t"span"\t"code"\n"a"\t"médica"\t"3 9"\t"SCTID: 1"\nb\tjuez\t0 4\t2612.1\n`,
    );
    expect(table).toEqual([
      {
        filename: 'a',
        text: 'médica',
        rawSpan: '3 9',
        span: { start: 3, end: 9 },
        code: 'SCTID: 1',
        line: 2,
      },
      { filename: 'b', text: 'juez', rawSpan: '0 4', span: { start: 0, end: 4 }, code: '2612.1', line: 3 },
    ]);
  });

  test('may have a byte order mark, CRLF, empty lines, other columns and another order of columns', () => {
    const content = '\ufeffcode\tfilename\tnote\tspan\ttext\r\n\r\n1\ta\tsí\t0 4\tjuez\r\n';
    expect(rows(content)).toMatchObject([
      { filename: 'a', text: 'juez', code: '1', span: { start: 0, end: 4 }, line: 3 },
    ]);
  });

  test('keeps fields as they stand: spaces, quotes inside, line breaks in quotes', () => {
    const content = `${header}a\t juez "de" paz \t0 4 \t 1\nb\t"juez ""de""\npaz"\t0 4\t2\nc\tx\t0 1\t3\n`;
    expect(rows(content).map(({ text, code, line }) => [text, code, line])).toEqual([
      [' juez "de" paz ', ' 1', 2],
      ['juez "de"\npaz', '2', 4],
      ['x', '3', 5],
    ]);
  });

  test('has null for a span that is not two whole numbers, with what is written', () => {
    const content = `${header}a\tx\t0 4;6 9\t1\na\tx\t\t1\na\tx\t-1 4\t1\na\tx\t 0  4 \t1\n`;
    expect(rows(content).map(({ span, rawSpan }) => [span, rawSpan])).toEqual([
      [null, '0 4;6 9'],
      [null, ''],
      [null, '-1 4'],
      [{ start: 0, end: 4 }, ' 0  4 '],
    ]);
  });

  test.each([
    [
      'a\tx\t0 1\t1\nb\tx\t0 1\n',
      't.tsv:3: the row has 3 fields where the header has 4; put one tab between two',
    ],
    ['a\tx\t0 1\t1\t2\n', 't.tsv:2: the row has 5 fields where the header has 4; put one tab between two'],
    [
      'a\tx\t0 1\t1\nb\t"x\t0 1\t1\nc\tx\t0 1\t1\n',
      't.tsv:3: a quotation mark opens here and is never closed; a quote inside a quoted field is doubled.',
    ],
  ])('that is wrong names file and line: %j', (content, message) => {
    expect(() => rows(header + content)).toThrow(message);
    expect(() => rows(header + content)).toThrow(InputError);
  });

  test('without its columns names them', () => {
    const message =
      't.tsv:1: the header has no column `text`, `span`; the table needs `filename`, `text`, `span`, `code`, separated by tabs.';
    expect(() => rows('filename\tcode\n')).toThrow(new InputError(message));
    expect(() => rows('')).toThrow('the header has no column');
    expect(() => rows('filename,text,span,code\n')).toThrow('separated by tabs');
  });

  test('goes on after wrong rows for a tolerant reader', () => {
    const table = parseNorm(`${header}a\tx\nb\tx\t0 1\t1\n`, 't.tsv', { tolerant: true });
    expect(table.rows).toHaveLength(1);
    expect(table.faults).toMatchObject([{ line: 2, kind: 'fields', severity: 'error' }]);
  });

  test('comes back as it was written, for any text', () => {
    // A field may hold anything; CR LF is one line end to some readers, so a lone CR is not tried.
    const field = fc.string({
      unit: fc.constantFrom('a', 'é', '👩', '"', '\t', '\n', ' ', ';', '\\', '\ufeff'),
    });
    const row = fc.record({
      filename: fc.constantFrom('a', 'b'),
      text: field,
      span: fc.record({ start: fc.nat(), end: fc.nat() }),
      code: field,
    });
    fc.assert(
      fc.property(fc.array(row), (written) => {
        const read = rows(formatNorm(written));
        expect(read.map(({ filename, text, span, code }) => ({ filename, text, span, code }))).toEqual(
          written,
        );
      }),
    );
  });
});

describe('the table of valid codes', () => {
  test('that is not UTF-8 or missing is refused', async () => {
    await expect(readCodes(write(Uint8Array.of(0x61, 0xe9)))).rejects.toThrow('not UTF-8 at byte 1');
    await expect(readCodes('/no/t.tsv')).rejects.toThrow('/no/t.tsv cannot be read: it does not exist.');
  });

  test('has labels and alternatives, and a code twice where it has two labels', async () => {
    const file = write(
      '"code"\t"label"\t"alternative_label"\n"1"\t"juez/jueza"\t" a | b||c"\n"1"\t"magistrado"\t\n',
    );
    expect(await readCodes(file)).toEqual([
      { code: '1', label: 'juez/jueza', alternatives: ['a', 'b', 'c'] },
      { code: '1', label: 'magistrado', alternatives: [] },
    ]);
  });

  test('must have a code in every row', async () => {
    const file = write('code\tlabel\talternative_label\n1\tjuez\t\n\tjueza\t\n');
    await expect(readCodes(file)).rejects.toThrow(
      new InputError(`${file}:3: the row has no code; fill it in or delete the row.`),
    );
  });

  test.each([
    ['1\tjuez\t\n2\t \tjueza\n', 't.tsv:3: the code 2 has no label; fill it in'],
    ['1\tjuez\t\n1\tjueza\t\n1 \tjuez\tx\n', 't.tsv:4: the code 1 stands with the same label in line 2'],
  ])('must have a label for every code, and each once: %j', async (table, message) => {
    await expect(readCodes(write(`code\tlabel\talternative_label\n${table}`))).rejects.toThrow(message);
  });

  test('comes back as it was written', async () => {
    const codes = [{ code: 'SCTID: 1', label: 'con "comillas"', alternatives: ['x', 'y z'] }];
    expect(await readCodes(write(formatCodes(codes)))).toEqual(codes);
  });
});
