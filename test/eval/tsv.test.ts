import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { parseTable } from '../../src/eval/tsv.js';

const parse = (content: string) => parseTable(content, 'a.tsv');

describe('tables as pandas reads them', () => {
  test('are those that were written, quoted where needed, with any line end', () => {
    const field = fc.string({
      unit: fc.constantFrom('a', 'ñ', ' ', '"', '\t', '\n', '\r', "'"),
      maxLength: 4,
    });
    const rows = fc.array(fc.array(field, { minLength: 3, maxLength: 3 }), { maxLength: 5 });
    const quote = (text: string) => (/^[^"\t\n\r]+$/.test(text) ? text : `"${text.replaceAll('"', '""')}"`);
    fc.assert(
      fc.property(rows, fc.constantFrom('\n', '\r\n', '\r'), fc.boolean(), (rows, end, ended) => {
        const lines = [['x', 'y', 'z'], ...rows].map((row) => row.map(quote).join('\t'));
        const { header, rows: read } = parse(lines.join(end) + (ended ? end : ''));
        expect(header).toEqual(['x', 'y', 'z']);
        expect(read.map(({ fields }) => fields)).toEqual(rows);
      }),
    );
  });

  test('know the line of every row, past blank lines and fields of several lines', () => {
    expect(parse('x\ty\n\n"a\nb"\tc\n  \nd\te').rows).toEqual([
      { line: 3, fields: ['a\nb', 'c'] },
      { line: 6, fields: ['d', 'e'] },
    ]);
  });

  test('keep a quote inside a field and what follows a quoted part', () => {
    expect(parse('x\ty\na"b\t"c"d\n').rows[0]!.fields).toEqual(['a"b', 'cd']);
  });

  test('fill up short rows', () => {
    expect(parse('x\ty\na\n').rows[0]!.fields).toEqual(['a', '']);
  });

  test.each([
    ['', 'a.tsv is empty'],
    ['x\ty\na\tb\tc\n', 'a.tsv, line 2: 3 fields where the header has 2'],
    ['x\ty\na\t"b\n', 'a.tsv, line 2: a quote that is never closed'],
  ])('refuse %j', (content, message) => {
    expect(() => parse(content)).toThrow(message);
  });
});
