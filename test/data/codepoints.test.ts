import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { codePoints } from '../../src/data/codepoints.js';

const texts = fc.string({ unit: 'binary', maxLength: 40 });

describe('code points', () => {
  test('count as an iteration over the string does, slice by slice', () => {
    fc.assert(
      fc.property(texts, fc.nat(45), fc.nat(45), (text, a, b) => {
        const points = codePoints(text);
        const [start, end] = [Math.min(a, b), Math.max(a, b)];
        expect(points.length).toBe([...text].length);
        expect(points.slice(start, end)).toBe([...text].slice(start, end).join(''));
      }),
    );
  });

  test('map to UTF-16 units and back', () => {
    fc.assert(
      fc.property(texts, (text) => {
        const points = codePoints(text);
        for (let point = 0; point <= points.length; point++)
          expect(points.fromUtf16(points.toUtf16(point))).toBe(point);
      }),
    );
  });

  test('give the middle of a surrogate pair to the character that it is in', () => {
    expect(codePoints('a😀b').fromUtf16(2)).toBe(1);
    expect(codePoints('a😀b').fromUtf16(3)).toBe(2);
  });

  test('count a lone surrogate as one', () => {
    expect(codePoints('\ud83d\ud83d\ude00\ude00').length).toBe(3);
  });
});
