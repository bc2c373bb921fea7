import { describe, expect, test } from '@jest/globals';
import { z } from 'zod';
import { parseStored, type StoredFormat } from '../../src/formats/stored.js';

/** A file that once had lines and now has a size: version 1 had no `format`. */
const two = z.object({ format: z.literal(2), size: z.int() });
const one = z.object({ lines: z.array(z.string()) }).transform(({ lines }): z.output<typeof two> => {
  return { format: 2, size: lines.length };
});
const format: StoredFormat<z.output<typeof two>> = {
  what: 'a size',
  advice: 'measure again',
  versions: { 1: one, 2: two },
};
const read = (value: unknown) => parseStored(JSON.stringify(value), 'size.json', format);

describe('a stored file', () => {
  test('of an earlier version is brought to what it is today', () => {
    expect(read({ lines: ['a', 'b'] })).toEqual({ format: 2, size: 2 });
    expect(read({ format: 2, size: 2 })).toEqual({ format: 2, size: 2 });
  });

  test('is held to the schema of its own version', () => {
    expect(() => read({ format: 2, lines: [] })).toThrow(
      'size.json cannot be read as a size: size is missing; measure again.',
    );
    expect(() => read({ size: 2 })).toThrow('lines is missing');
    expect(() => read({ format: 1.5 })).toThrow('its format is 1.5');
  });

  test('of a version to come says which are read', () => {
    expect(() => read({ format: 3 })).toThrow(
      'size.json was made by a newer meddoprof: a size has format 3, and this version reads formats up to 2; use the version that made it.',
    );
  });
});
