import { describe, expect, test } from '@jest/globals';
import { parseAnnotations } from '../../src/data/brat.js';
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

  test('may have relations, events, attributes, normalizations and notes, which do not count but are counted', () => {
    const others =
      '#1\tAnnotatorNotes T1\tseguro\nR1\tOf Arg1:T1 Arg2:T2\nE1\tA:T1\nA1\tNegated T1\nM1\tDoubt T1\n' +
      'N1\tReference T1 ESCO:2211\n*\tEquiv T1 T2\n';
    const passedOver = {
      notes: 1,
      relations: 1,
      events: 1,
      attributes: 2,
      normalizations: 1,
      equivalences: 1,
    };
    expect(parse(others)).toEqual({ spans: [], faults: [], sorted: true, passedOver });
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

  test.each([
    ['a line end', 'jefa de\nenfermeras', '0 7;8 18', 'jefa de enfermeras'],
    ['CR LF', 'jefa de\r\nenfermeras', '0 7;9 19', 'jefa de enfermeras'],
    ['an empty line, and blanks on it', 'jefa de \n  \n enfermeras', '0 8;13 23', 'jefa de  enfermeras'],
    ['two line ends in three fragments', 'jefa\nde\nenfermeras', '0 4;5 7;8 18', 'jefa de enfermeras'],
    ['a no-break space', 'jefa de\u00a0enfermeras', '0 7;8 18', 'jefa de enfermeras'],
    ['U+0085', 'jefa de\u0085enfermeras', '0 7;8 18', 'jefa de enfermeras'],
    ['nothing', 'jefa de enfermeras', '0 7;7 18', 'jefa de  enfermeras'],
    ['a line end, the later one first', 'jefa de\nenfermeras', '8 18;0 7', 'jefa de enfermeras'],
    [
      'a line end, and the later one first in the text too',
      'jefa de\nenfermeras',
      '8 18;0 7',
      'enfermeras jefa de',
    ],
    ['characters beyond U+FFFF before them', '👩👩 a\nb', '3 4;5 6', 'a b'],
  ])('has fragments with %s between them as one span', (_, of, offsets, written) => {
    const numbers = offsets.match(/\d+/g)!.map(Number);
    expect(parse(`T1\tA ${offsets}\t${written}`, of)).toEqual({
      spans: [{ label: 'A', start: Math.min(...numbers), end: Math.max(...numbers) }],
      faults: [],
      sorted: true,
      passedOver: {},
    });
  });

  test.each([
    ['0 7;8 90', 'jefa de x', "points past the text's 18 characters"],
    [
      '0 7;8 18',
      'jefa de médicos',
      'is "jefa de\\nenfermeras" in the text, but the line says "jefa de médicos"',
    ],
    ['0 7;18 8', 'jefa de x', 'ends where it starts or before'],
  ])('has fragments %s held to the text', (offsets, written, message) => {
    expect(() => parse(`T1\tA ${offsets}\t${written}`, 'jefa de\nenfermeras')).toThrow(`a.ann:1: A ${offsets} ${message}`); // prettier-ignore
  });

  test('has an identifier that stands twice reported, and both spans taken', () => {
    const { spans, faults } = parse('T1\tA 12 18\tmédica\nT1\tB 21 30\tenfermera\n');
    expect(spans).toHaveLength(2);
    const message = 'T1 is the identifier of line 1 too; both spans are taken, and brat takes one.';
    expect(faults).toEqual([{ file: 'a.ann', line: 2, kind: 'identifier', severity: 'warning', message }]);
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
