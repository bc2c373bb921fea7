import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { codePoints, formatAnnotations, parseAnnotations } from '../../src/data/brat.js';
import { compareSpans, type Span } from '../../src/data/document.js';
import { InputError } from '../../src/errors.js';

const text = 'La madre es médica y enfermera.\n';
const parse = (content: string, of = text) => parseAnnotations(content, 'a.ann', of);

describe('a brat file', () => {
  test('gives label, start and end of its spans', () => {
    expect(parse('T1\tA 12 18\tmédica\n').spans).toEqual([{ label: 'A', start: 12, end: 18 }]);
  });

  test('may be empty, or lack the last line end', () => {
    expect(parse('').spans).toEqual([]);
    expect(parse('T1\tA 12 18\tmédica').spans).toHaveLength(1);
  });

  test('may have CRLF line ends, empty lines and a byte order mark', () => {
    const { spans, faults } = parse('\ufeffT1\tA 12 18\tmédica\r\n\r\nT2\tB 21 30\tenfermera\r\n');
    expect(spans).toHaveLength(2);
    expect(faults).toEqual([]);
  });

  test('comes out sorted by start, then end, and says whether it was', () => {
    const unsorted = parse('T1\tB 21 30\tenfermera\nT2\tA 12 30\tmédica y enfermera\nT3\tB 12 18\tmédica\n');
    expect(unsorted.spans.map(({ start, end }) => [start, end])).toEqual([
      [12, 18],
      [12, 30],
      [21, 30],
    ]);
    expect(unsorted.sorted).toBe(false);
    expect(parse('T1\tA 12 18\tmédica\nT2\tA 12 30\tmédica y enfermera\n').sorted).toBe(true);
  });

  test('may have relations, events, attributes, normalizations and notes, which do not count', () => {
    const others =
      '#1\tAnnotatorNotes T1\tseguro\nR1\tOf Arg1:T1 Arg2:T2\nE1\tA:T1\nA1\tNegated T1\nM1\tDoubt T1\n' +
      'N1\tReference T1 ESCO:2211\n*\tEquiv T1 T2\n';
    expect(parse(others)).toEqual({ spans: [], faults: [], sorted: true });
  });

  test('counts a byte order mark and characters beyond U+FFFF as one each', () => {
    expect(parse('T1\tA 3 9\tmédica', '\ufeff👩 médica').spans).toHaveLength(1);
  });

  test('counts both characters of a line end CR LF', () => {
    expect(parse('T1\tA 4 10\tmédica', 'La\r\nmédica').spans).toHaveLength(1);
  });

  test('writes a line break inside a span as a space', () => {
    expect(parse('T1\tA 0 12\tmédica jefe ', 'médica\njefe\n').spans).toHaveLength(1);
    expect(parse('T1\tA 0 12\tmédica  jefe', 'médica\r\njefe').spans).toHaveLength(1);
    expect(parse('T1\tA 0 12\tmédica jefe', 'médica\r\njefe').spans).toHaveLength(1);
  });

  test('has a discontinuous span reported and skipped', () => {
    const { spans, faults } = parse('T1\tA 0 2;12 18\tLa médica\nT2\tA 12 18\tmédica\n');
    expect(spans).toHaveLength(1);
    expect(faults).toEqual([
      {
        file: 'a.ann',
        line: 1,
        kind: 'discontinuous',
        severity: 'warning',
        message: 'A 0 2;12 18 is a discontinuous span; skipped, as the task has none.',
      },
    ]);
  });

  test('has a repeated span reported and taken once', () => {
    const { spans, faults } = parse('T1\tA 12 18\tmédica\nT2\tA 12 18\tmédica\nT3\tB 12 18\tmédica\n');
    expect(spans.map(({ label }) => label)).toEqual(['A', 'B']);
    expect(faults).toMatchObject([{ line: 2, kind: 'duplicate', severity: 'warning' }]);
  });
});

describe('a brat file that is wrong names file, line and problem:', () => {
  test.each([
    ['hola', 'a.ann:2: "hola" is not a brat annotation (an identifier like T1 comes first).'],
    ['Raro', 'a.ann:2: "Raro" is not a brat annotation (an identifier like T1 comes first).'],
    [
      'T2\tA 0 2',
      'a.ann:2: "T2\\tA 0 2" needs three fields separated by tabs: identifier, label with offsets, text.',
    ],
    [
      'T2 A 0 2 La',
      'a.ann:2: "T2 A 0 2 La" needs three fields separated by tabs: identifier, label with offsets, text.',
    ],
    ['T2\tA 0 x\tLa', 'a.ann:2: "A 0 x" is not a label followed by two whole numbers, start and end.'],
    ['T2\tA -1 2\tLa', 'a.ann:2: "A -1 2" is not a label followed by two whole numbers, start and end.'],
    ['T2\tA 0.5 2\tLa', 'a.ann:2: "A 0.5 2" is not a label followed by two whole numbers, start and end.'],
    ['T2\t0 2\tLa', 'a.ann:2: "0 2" is not a label followed by two whole numbers, start and end.'],
    ['T2\tA 2 2\t', 'a.ann:2: A 2 2 ends where it starts or before; the end is exclusive.'],
    ['T2\tA 5 2\tLa', 'a.ann:2: A 5 2 ends where it starts or before; the end is exclusive.'],
    ['T2\tA 30 99\tx', "a.ann:2: A 30 99 points past the text's 32 characters."],
    ['T2\tA 0 3\tLa', 'a.ann:2: A 0 3 is "La " in the text, but the line says "La".'],
  ])('%j', (line, message) => {
    const content = `T1\tA 12 18\tmédica\n${line}\nT3\tB 21 30\tenfermera\n`;
    expect(() => parse(content)).toThrow(new InputError(message));
    const { spans, faults } = parseAnnotations(content, 'a.ann', text, { tolerant: true });
    expect(spans).toHaveLength(2);
    expect(faults).toMatchObject([{ file: 'a.ann', line: 2, severity: 'error' }]);
  });

  test('without a text, spans are not checked against it', () => {
    expect(parseAnnotations('T1\tA 100 120\tno importa', 'a.ann').spans).toHaveLength(1);
    expect(() => parseAnnotations('T1\tA 12 12\t', 'a.ann')).toThrow('ends where it starts');
  });

  test.each([
    ['the byte order mark left out', '\ufeffLa médica', 'A 3 9', 'leave out the byte order mark'],
    ['line ends CR LF counted as one', 'La\r\nmédica', 'A 3 9', 'count a line end CR LF as one character'],
    ['UTF-16 units', '👩 médica', 'A 3 9', 'count UTF-16 units'],
    ['bytes', 'él es médica', 'A 7 14', 'count bytes'],
  ])('offsets with %s are explained', (_, of, offsets, reason) => {
    expect(() => parse(`T1\t${offsets}\tmédica`, of)).toThrow(reason);
  });

  test('a long line is cut short in the message', () => {
    expect(() => parse('x'.repeat(5000))).toThrow(/^.{100,250}$/);
  });
});

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
        expect(parsed).toEqual({ spans, faults: [], sorted: true });
      }),
      { numRuns: 500 },
    );
  });

  test('have the exact slice, which is what the offsets say', () => {
    const of = '\ufeff👩 médica';
    expect(formatAnnotations([{ label: 'A', start: 3, end: 9 }], of)).toBe('T1\tA 3 9\tmédica\n');
    expect(codePoints(of).slice(3, 9)).toBe('médica');
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
