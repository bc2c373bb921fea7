import { describe, expect, test } from '@jest/globals';
import { expand, forms, type Filler, type Scope } from '../../src/demo/grammar.js';

/** A scope with these fillers; numbers are the least of their range. */
function scope(fillers: Record<string, Filler> = {}, genders: Partial<Scope> = {}): Scope {
  return { person: 'm', patient: 'm', fill: (slot) => fillers[slot]!, int: () => 0, ...genders };
}

const cook: Filler = { text: 'cociner(o|a)', label: 'PROFESION', code: '5120' };

describe('a template', () => {
  test('agrees with the person spoken of, and with the patient where it says so', () => {
    const template = 'Acude acompañad<o|a> por (el|la) vecin(o|a).';
    expect(expand(template, scope({}, { person: 'f' })).text).toBe('Acude acompañado por la vecina.');
    expect(expand(template, scope({}, { patient: 'f' })).text).toBe('Acude acompañada por el vecino.');
  });

  test('keeps parentheses and slashes that are not notation', () => {
    expect(expand('TA 120/80 (normal) < 90', scope()).text).toBe('TA 120/80 (normal) < 90');
  });

  test('fills numbers from their range', () => {
    expect(expand('{3-9} días', scope({}, { int: (n) => n - 1 })).text).toBe('9 días');
  });

  test('annotates a slot in square brackets and not one in braces', () => {
    const { text, marks } = expand('Un {job}, otro [job].', scope({ job: cook }));
    expect(text).toBe('Un cocinero, otro cocinero.');
    expect(marks).toEqual([{ start: 18, end: 26, label: 'PROFESION', code: '5120' }]);
  });

  test('nests annotations of fillers that have slots', () => {
    const dismissed = { text: 'despedid(o|a) de [job]', label: 'SITUACION_LABORAL', code: '1' };
    const { text, marks } = expand('Fue [dismissed].', scope({ dismissed, job: cook }, { person: 'f' }));
    expect(marks.map(({ label, start, end }) => [label, text.slice(start, end)])).toEqual([
      ['PROFESION', 'cocinera'],
      ['SITUACION_LABORAL', 'despedida de cocinera'],
    ]);
  });

  test.each([
    ['dolor y {word}', 'insomnio', 'dolor e insomnio'],
    ['dolor y {word}', 'hiato', 'dolor y hiato'],
    ['siete u otro y {word}', 'higo', 'siete u otro e higo'],
    ['tos o {word}', 'otalgia', 'tos u otalgia'],
    ['tos o {word}', 'fiebre', 'tos o fiebre'],
  ])('writes %s with %s as "%s"', (template, word, text) => {
    expect(expand(template, scope({ word: { text: word } })).text).toBe(text);
  });

  test('does not annotate a filler without a code', () => {
    expect(() => expand('[word]', scope({ word: { text: 'x' } }))).toThrow('has no label or code');
  });
});

test('a word has one form, or a masculine and a feminine', () => {
  expect(forms('albañil')).toEqual(['albañil']);
  expect(forms('director(|a) de empresa')).toEqual(['director de empresa', 'directora de empresa']);
});
