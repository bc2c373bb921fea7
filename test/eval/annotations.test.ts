import { describe, expect, test } from '@jest/globals';
import { noneLeftOut } from '../../src/eval/leftOut.js';
import { readOfficially } from '../../src/eval/annotations.js';

const read = (content: string) => readOfficially(content, 'a.ann', ['A', 'B']);

describe('the lenient reading of annotations', () => {
  test('takes spans with their offsets as numbers and as written', () => {
    expect(read('T1\tA 00  6\tmédico\n').spans).toEqual([
      { label: 'A', start: 0, end: 6, offsets: '00  6', text: 'médico' },
    ]);
  });

  test('names the labels that it leaves out', () => {
    expect([...read('T1\tOTRA 0 6\tx\nT2\tA 0 6\tx\n').otherLabels]).toEqual(['OTRA']);
  });

  test.each([
    ['T1\tA 0 6\tx\n\n', 'line 2 has 1 tab-separated fields, not three', { fields: 1 }],
    ['T1\tA 0 6\tx\ty\n', 'line 1 has 4 tab-separated fields, not three', { fields: 1 }],
    ['T1\tA 0 6\tx\nT2\tA 0 2;4 6\tx\n', 'line 2 has a span in parts', { parts: 2 }],
    [
      'T1\tA 0 6\tx\nT2\tOTRA 0 2\tx\nA1\tNegated T1\n',
      'line 3 has 2 tab-separated fields, not three',
      { fields: 1 },
    ],
  ])('says why it drops %j, and how many spans that are scored', (content, dropped, counts) => {
    const leftOut = { ...noneLeftOut(), ...counts };
    expect(read(content)).toEqual({ spans: [], dropped, otherLabels: new Set(), leftOut });
  });

  test.each([
    ['T1\tA 0 6\tx\nT2\tOTRA 0 6\tx\nT3\tB 7 8\ty\nR1\tRel Arg1:T1 Arg2:T2\t\n', { relations: 1 }],
    ['\ufeffT1\tA 0 6\tx\nT3\tB 7 8\ty\n', { byteOrderMark: 1 }],
    ['\ufeffT1\tOTRA 0 6\tx\nT3\tB 7 8\ty\n', {}],
  ])('of %j takes one span, and counts what it leaves out', (content, counts) => {
    const { spans, leftOut } = read(content);
    expect(spans.map(({ label }) => label)).toEqual(['B']);
    expect(leftOut).toEqual({ ...noneLeftOut(), ...counts });
  });

  test.each([
    ['\tA 0 6\tx\n', 'a.ann, line 1: the line begins with a tab'],
    ['T1\tA 0 6\tx\nR1\tRel Arg1:T1\t\n', 'a.ann, line 2: a relation without "Arg1:T1 Arg2:T2"'],
    ['T1\tA seis 9\tx\n', 'a.ann, line 1: the offsets "seis 9" are not two whole numbers'],
    ['T1\tA\tx\n', 'a.ann, line 1: the offsets "" are not two whole numbers'],
  ])('refuses %j, naming the line', (content, message) => {
    expect(() => read(content)).toThrow(message);
  });
});
