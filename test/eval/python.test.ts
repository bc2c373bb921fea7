import { expect, test } from '@jest/globals';
import { isTextColumn, parseInteger, strip } from '../../src/eval/python.js';

test("strip takes what Python's str.strip takes, at both ends and nowhere else", () => {
  const space = '\t\n\v\f\r\x1c\x1d\x1e\x1f \x85\xa0\u1680\u2000\u200a\u2028\u2029\u202f\u205f\u3000';
  expect(strip(`${space}una ${space} b${space}`)).toBe(`una ${space} b`);
  expect(strip(space)).toBe('');
  for (const kept of ['\ufeffa', '\u200ba', 'a\u180e']) expect(strip(kept)).toBe(kept);
});

test('a field of blanks between two words is stripped in as many steps as it has characters', () => {
  const field = `a${' '.repeat(300_000)}b`; // a pattern that begins anew at each of them takes minutes
  expect(strip(field)).toBe(field);
});

test('parseInteger reads what int reads', () => {
  expect(['7', ' +1_000\n', '-12'].map(parseInteger)).toEqual([7, 1000, -12]);
  for (const none of ['1_', '', '1 2', '1.0']) expect(parseInteger(none)).toBeUndefined();
});

test('a column is text where a field of a great many digits has a letter at its end', () => {
  expect(isTextColumn(['1', '2.', '2.5', '.5e3'])).toBe(false);
  expect(isTextColumn([`${'1'.repeat(300_000)}x`])).toBe(true); // a pattern that splits them every way takes minutes
});
