import { expect, test } from '@jest/globals';
import { foldText, matchKey } from '../../src/normalize/text.js';

test.each([
  ['a soft hyphen', 'enfer\u00admera'],
  ['a zero-width space', 'enfer\u200bmera'],
  ['a zero-width joiner', 'enfer\u200dmera'],
  ['a byte order mark', '\ufeffenfermera'],
  ['direction marks', '\u200eenfermera\u200f'],
  ['direction isolates', '\u2066enfermera\u2069'],
  ['a word joiner', 'enfer\u2060mera'],
])('%s makes no other mention', (_, text) => {
  expect(foldText(text)).toBe('enfermera');
  expect(matchKey(text)).toBe('enfermera');
});

test('words stay apart, also by a no-break space, and accents and case do not count', () => {
  expect(matchKey('Jefa\u00a0de ENFERMERÍA')).toBe('jefa de enfermeria');
});
