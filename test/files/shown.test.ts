import { expect, test } from '@jest/globals';
import { shown } from '../../src/files/shown.js';

test('a value is shown as JSON has it, as far as a person reads', () => {
  expect(shown({ a: [1, 'x', null], b: { c: true } })).toBe('{"a":[1,"x",null],"b":{"c":true}}');
  expect([shown(Number.NaN), shown(undefined), shown('')]).toEqual(['NaN', 'undefined', '""']);
  expect(shown(['x'.repeat(1000)])).toBe(`["${'x'.repeat(55)}...`);
  expect(shown(Array(1000).fill(0))).toBe(`[${'0,'.repeat(28)}...`);
});

test('a value of more levels than the stack holds is shown', () => {
  const deep: unknown = JSON.parse('['.repeat(20_000) + ']'.repeat(20_000));
  expect(shown(deep)).toBe('[[[["…"]]]]');
});
