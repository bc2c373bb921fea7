import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { formatAnnotations, parseAnnotations } from '../../src/data/brat.js';
import { codePoints } from '../../src/data/codepoints.js';
import { compareSpans, type Span } from '../../src/data/document.js';
import { InputError } from '../../src/errors.js';

const text = 'La madre es médica y enfermera.\n';
const parse = (content: string, of = text) => parseAnnotations(content, 'a.ann', of);

describe('spans written as a brat file', () => {
  const documents = fc.string({ unit: 'binary', minLength: 1, maxLength: 60 }).chain((of) => {
    const length = [...of].length;
    const span = fc
      .tuple(fc.constantFrom('A', 'B'), fc.nat(length - 1), fc.integer({ min: 1, max: 10 }))
      .map(([label, start, size]): Span => ({ label, start, end: Math.min(length, start + size) }));
    const key = ({ label, start, end }: Span) => `${label} ${start} ${end}`;
    return fc.tuple(fc.constant(of), fc.uniqueArray(span, { selector: key, maxLength: 8 }));
  });

  test('come back as they were, for any text', () => {
    fc.assert(
      fc.property(documents, ([of, unsorted]) => {
        const spans = unsorted.sort(compareSpans);
        const parsed = parse(formatAnnotations(spans, of), of);
        expect(parsed).toEqual({ spans, faults: [], sorted: true, passedOver: {} });
      }),
      { numRuns: 500 },
    );
  });

  test('have the exact slice, which is what the offsets say', () => {
    const of = '\ufeff👩 médica';
    expect(formatAnnotations([{ label: 'A', start: 3, end: 9 }], of)).toBe('T1\tA 3 9\tmédica\n');
    expect(codePoints(of).slice(3, 9)).toBe('médica');
  });

  test('in fragments come back as they were where they begin and end with a word, and no fragment has a line end', () => {
    const word = fc.stringMatching(/^[a-zñ👩]{1,4}$/u);
    const gap = fc.constantFrom(
      ' ',
      '\n',
      '\r\n',
      ' \n',
      '\n ',
      '\n\n',
      '\r',
      '\t',
      '\u0085',
      '\u2028',
      '\u00a0\n',
    );
    const words = fc.array(fc.tuple(word, gap), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(words, (pairs) => {
        const of = `«${pairs.flat().slice(0, -1).join('')}»`;
        const spans = [{ label: 'A', start: 1, end: [...of].length - 1 }];
        const written = formatAnnotations(spans, of, { fragments: true });
        expect(parse(written, of)).toEqual({ spans, faults: [], sorted: true, passedOver: {} });
        const [, offsets, shown] = /^T1\tA ([\d ;]+)\t([^\n]*)\n$/.exec(written)!;
        const parts = offsets!.split(';').map((part) => part.split(' ').map(Number) as [number, number]);
        const slices = parts.map(([start, end]) => [...of].slice(start, end).join(''));
        expect(slices.join('')).not.toMatch(/[\r\n]/);
        expect(slices.join(' ').replace(/[\s\u0085]/g, ' ')).toBe(shown);
      }),
      { numRuns: 300 },
    );
  });

  test('in fragments are as brat writes them, and otherwise on both sides of the line end', () => {
    const of = 'conductor de\nautobús';
    const spans = [{ label: 'A', start: 0, end: 20 }];
    expect(formatAnnotations(spans, of, { fragments: true })).toBe(
      'T1\tA 0 12;13 20\tconductor de autobús\n',
    );
    expect(formatAnnotations(spans, of)).toBe('T1\tA 0 20\tconductor de autobús\n');
  });

  test('have nothing that Python takes for a line end', () => {
    const of = 'a\x1cb\x85c\u2028d\x0be';
    const spans = [{ label: 'A', start: 0, end: 9 }];
    const lines = formatAnnotations(spans, of);
    expect(lines).toBe('T1\tA 0 9\ta b c d e\n');
    expect(parse(lines, of).spans).toEqual(spans);
  });

  test('stay on one line each', () => {
    const lines = formatAnnotations([{ label: 'A', start: 0, end: 11 }], 'a\tb\r\nc\nd e f');
    expect(lines).toBe('T1\tA 0 11\ta b  c d e \n');
  });

  test('are an empty file where there are none', () => {
    expect(formatAnnotations([], text)).toBe('');
  });

  test('must fit the text', () => {
    expect(() => formatAnnotations([{ label: 'A', start: 0, end: 40 }], text)).toThrow(
      new InputError('The span A 0 40 does not fit a text of 32 characters.'),
    );
  });
});
