import { describe, expect, test } from '@jest/globals';
import { fromHalf, toHalf } from '../../src/model/weights/dtype.js';

/** All finite halves from 0 up, as numbers: the definition of IEEE 754, in double precision. */
const finite = Array.from({ length: 0x7c00 }, (_, half) => {
  const [exponent, mantissa] = [half >> 10, half & 0x3ff];
  return exponent === 0 ? mantissa * 2 ** -24 : (1024 + mantissa) * 2 ** (exponent - 25);
});
const halfOf = (value: number) => toHalf(Float32Array.of(value))[0]!;

/** The float32 just above or below a positive one. */
function beside(value: number, step: 1 | -1): number {
  const bits = new Uint32Array(Float32Array.of(value).buffer);
  bits[0]! += step;
  return new Float32Array(bits.buffer)[0]!;
}

describe('half precision', () => {
  test('is read as IEEE 754 defines each of its numbers', () => {
    const all = Uint16Array.from({ length: 0x7c00 }, (_, half) => half);
    expect([...fromHalf(all)]).toEqual(finite);
    expect([...fromHalf(all.map((half) => half | 0x8000))]).toEqual(finite.map((value) => -value));
    expect([...fromHalf(Uint16Array.of(0x7c00, 0xfc00, 0x7e00))]).toEqual([Infinity, -Infinity, NaN]);
  });

  test('is written as it was read, for each of its numbers', () => {
    const numbers = Uint16Array.from({ length: 0x10000 }, (_, half) => half).filter(
      (half) => (half & 0x7fff) <= 0x7c00, // not NaN, which has many forms
    );
    expect(toHalf(fromHalf(numbers))).toEqual(numbers);
  });

  test('is written as the nearest, to the even one in the middle, between any two neighbours', () => {
    const [values, expected]: number[][] = [[], []];
    for (let half = 0; half + 1 < finite.length; half++) {
      const middle = (finite[half]! + finite[half + 1]!) / 2; // float32 has it
      values!.push(beside(middle, -1), middle, beside(middle, 1));
      expected!.push(half, half + (half & 1), half + 1);
    }
    const found = toHalf(Float32Array.from(values!));
    expect(found).toEqual(Uint16Array.from(expected!));
    expect(toHalf(Float32Array.from(values!, (x) => -x))).toEqual(found.map((half) => half | 0x8000));
  });

  test('is infinite from the middle between its largest number and the next power of two', () => {
    expect([65504, beside(65520, -1), 65520, 65536, 3e38, Infinity].map(halfOf)).toEqual(
      [0x7bff, 0x7bff, 0x7c00, 0x7c00, 0x7c00, 0x7c00], // prettier-ignore
    );
    expect([-65520, -Infinity].map(halfOf)).toEqual([0xfc00, 0xfc00]);
    expect(fromHalf(toHalf(Float32Array.of(NaN)))).toEqual(Float32Array.of(NaN));
  });

  test('is zero, of the same sign, for what is nearer to zero than to its smallest number', () => {
    expect([2 ** -25, 2 ** -26, 2 ** -149, 0].map(halfOf)).toEqual([0, 0, 0, 0]);
    expect([-(2 ** -25), -0].map(halfOf)).toEqual([0x8000, 0x8000]);
  });

  test('is written of a part of an array as of the whole', () => {
    const values = Float32Array.of(9, 1, -2.5, 9).subarray(1, 3);
    expect(toHalf(values)).toEqual(Uint16Array.of(0x3c00, 0xc100));
  });
});
