import { describe, expect, test } from '@jest/globals';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openSafetensors } from '../../src/model/weights/safetensors.js';
import { writeSafetensors, type TensorSource } from '../../src/model/weights/writeSafetensors.js';
import { temporaryFolders } from '../support/temporaryFolder.js';

const folder = temporaryFolders();

/** A file of a given header (an object, or bytes as they are) and `size` bytes of data. */
function fileOf(header: object | string, size = 0, claimed?: bigint): string {
  const json = Buffer.from(typeof header === 'string' ? header : JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(claimed ?? BigInt(json.length));
  const file = join(folder(), 'x.safetensors');
  writeFileSync(file, Buffer.concat([length, json, Buffer.alloc(size)]));
  return file;
}

const vector = (begin: number, end: number, dtype = 'F32', shape = [(end - begin) / 4]) => ({
  dtype,
  shape,
  data_offsets: [begin, end],
});

describe('writing and reading', () => {
  test('what was written is read back, whole or some rows of it', async () => {
    const file = join(folder(), 'x.safetensors');
    const matrix = Float32Array.from([1, 2, 3, 4, 5, 6]);
    await writeSafetensors(file, [
      { name: 'scalar', shape: [], data: Float32Array.of(7) },
      { name: 'matrix', shape: [3, 2], read: () => Promise.resolve(matrix) },
      { name: 'empty', shape: [0, 2], data: new Float32Array(0) },
    ]);
    expect(readFileSync(file, 'latin1')).toContain('"__metadata__":{"format":"pt"}'); // transformers asks for it
    const weights = await openSafetensors(file);
    expect(weights.entries.get('matrix')).toMatchObject({ shape: [3, 2], dtype: 'F32' });
    expect(await weights.read('matrix')).toEqual(matrix);
    expect(await weights.read('matrix', { start: 1, count: 2 })).toEqual(matrix.slice(2));
    expect(await weights.read('scalar')).toEqual(Float32Array.of(7));
    expect(await weights.read('empty')).toHaveLength(0);
    await expect(weights.read('matrix', { start: 2, count: 2 })).rejects.toThrow(/matrix has 3 rows/);
    await expect(weights.read('other')).rejects.toThrow(/x\.safetensors: there is no tensor other/);
    await weights.close();
  });

  test('every type of number becomes float32', async () => {
    const file = join(folder(), 'x.safetensors');
    const halves = Uint16Array.of(0x3c00, 0xc000, 0x0001, 0x7bff, 0x8000);
    await writeSafetensors(file, [
      { name: 'bytes', shape: [3], data: Uint8Array.of(0, 1, 255) },
      { name: 'half', shape: [5], dtype: 'F16', data: halves },
      { name: 'bfloat', shape: [2], dtype: 'BF16', data: Uint16Array.of(0x3f80, 0xc049) },
      { name: 'double', shape: [1], data: Float64Array.of(0.5) },
      { name: 'long', shape: [2], data: BigInt64Array.of(-3n, 4n) },
      { name: 'int', shape: [1], data: Int32Array.of(-9) },
    ]);
    const weights = await openSafetensors(file);
    const half = [1, -2, 2 ** -24, 65504, -0];
    expect([...(await weights.read('half'))]).toEqual(half);
    expect([...(await weights.read('bfloat'))]).toEqual([1, -3.140625]);
    expect([...(await weights.read('double'))]).toEqual([0.5]);
    expect([...(await weights.read('long'))]).toEqual([-3, 4]);
    expect([...(await weights.read('int'))]).toEqual([-9]);
    expect([...(await weights.read('bytes'))]).toEqual([0, 1, 255]);
    await weights.close();
  });

  test('a write that fails leaves the old file and nothing else', async () => {
    const home = folder();
    const file = join(home, 'x.safetensors');
    await writeSafetensors(file, [{ name: 'a', shape: [1], data: Float32Array.of(1) }]);
    const before = readFileSync(file);
    const failing = { name: 'a', shape: [1], read: () => Promise.reject(new Error('no more')) };
    await expect(writeSafetensors(file, [failing])).rejects.toThrow('no more');
    const short = { name: 'a', shape: [2], data: Float32Array.of(1) };
    await expect(writeSafetensors(file, [short])).rejects.toThrow(/1 values do not fill shape \[2\]/);
    expect(readdirSync(home)).toEqual(['x.safetensors']);
    expect(readFileSync(file)).toEqual(before);
  });
});

describe('a value that is no number', () => {
  const faults: [string, TensorSource, RegExp][] = [
    ['NaN', { name: 'a', shape: [3], data: Float32Array.of(1, NaN, 2) }, /value 1 of a is NaN/],
    ['Infinity', { name: 'a', shape: [6], data: new Float32Array(6).fill(-Infinity, 5) }, /value 5 of a is -Infinity/],
    ['NaN in half precision', { name: 'a', shape: [2], dtype: 'F16', data: Uint16Array.of(0, 0x7e01) }, /value 1 of a is NaN/],
    ['Infinity in half precision', { name: 'a', shape: [1], dtype: 'F16', data: Uint16Array.of(0x7c00) }, /is Infinity/],
    ['NaN in bfloat16', { name: 'a', shape: [1], dtype: 'BF16', data: Uint16Array.of(0xffc0) }, /value 0 of a is NaN/],
    ['more than float32 holds', { name: 'a', shape: [1], data: Float64Array.of(1e39) }, /value 0 of a is Infinity/],
  ]; // prettier-ignore
  test.each(faults)('is refused when it is read: %s', async (_, tensor, message) => {
    const file = join(folder(), 'x.safetensors');
    const sound = { name: 'b', shape: [1], data: Float32Array.of(-3.4e38) };
    await writeSafetensors(file, [tensor, sound]);
    const weights = await openSafetensors(file);
    await expect(weights.read('a')).rejects.toThrow(message);
    await expect(weights.read('a')).rejects.toThrow(/x\.safetensors: /);
    expect(await weights.read('b')).toHaveLength(1);
    await weights.close();
  });
});

describe('a file that is not to be trusted', () => {
  const faults: [string, () => string, RegExp][] = [
    ['not there', () => `${fileOf({})}.none`, /does not exist/],
    ['empty', () => fileOf('', 0, 0n), /no whole safetensors file/],
    ['a header longer than the file', () => fileOf({}, 0, 10_000n), /header claims 10000/],
    ['a header of 2^63 bytes', () => fileOf({}, 0, 1n << 63n), /no whole safetensors file/],
    ['a header that is no JSON', () => fileOf('{"a":'), /header: it is not JSON/],
    ['a list for a header', () => fileOf('[]'), /header: the file: expected an object/],
    ['an unknown type', () => fileOf({ a: vector(0, 4, 'Q4') }, 4), /"a" has the unknown type "Q4"/],
    [
      'a negative dimension',
      () => fileOf({ a: vector(0, 4, 'F32', [-1]) }, 4),
      /"a" has \[-1\] where a shape/,
    ],
    [
      'a huge shape',
      () => fileOf({ a: vector(0, 4, 'F32', [2 ** 40, 2 ** 40]) }, 4),
      /where a shape should be/,
    ],
    [
      'a shape of more levels than the stack holds',
      () => fileOf(`{"a":{"dtype":"F32","shape":${'['.repeat(20_000)}${']'.repeat(20_000)}}}`, 4),
      /"a" has \[\[\[\["…"\]\]\]\] where a shape should be/,
    ],
    ['broken offsets', () => fileOf({ a: { ...vector(0, 4), data_offsets: [0] } }, 4), /data_offsets/],
    [
      'a size unlike its shape',
      () => fileOf({ a: vector(0, 4, 'F32', [2]) }, 4),
      /4 bytes, but shape \[2\] of F32 needs 8/,
    ],
    [
      'a tensor past the end',
      () => fileOf({ a: vector(0, 8) }, 4),
      /a ends at byte \d+, but the file has \d+: it was cut off/,
    ],
    ['overlapping tensors', () => fileOf({ a: vector(0, 8), b: vector(4, 12) }, 12), /b overlaps/],
    [
      'one name twice, each with a place of its own',
      () => fileOf(`{"a":${JSON.stringify(vector(0, 4))},"a":${JSON.stringify(vector(4, 8))}}`, 8),
      /a follows a gap/,
    ],
    ['an end before its beginning', () => fileOf({ a: vector(4, 0) }, 8), /"a" has \[-1\]/],
    [
      'offsets past what a number counts',
      () => fileOf({ a: { ...vector(0, 4), data_offsets: [0, 2 ** 60] } }, 4),
      /data_offsets should be/,
    ],
    ['a gap', () => fileOf({ a: vector(0, 4), b: vector(8, 12) }, 12), /b follows a gap/],
    ['bytes at the end', () => fileOf({ a: vector(0, 4) }, 9), /5 bytes that belong to no tensor/],
    [
      'a name that would change prototypes',
      () => fileOf('{"__proto__":{"dtype":"F32","shape":[],"data_offsets":[0,4]}}', 4),
      /"__proto__" is no name/,
    ],
    ['metadata that is no text', () => fileOf({ __metadata__: { a: 1 } }), /__metadata__/],
  ];
  test.each(faults)('is refused: %s', async (_, make, message) => {
    const error = await openSafetensors(make()).catch((caught: Error) => caught);
    expect(error).toMatchObject({ name: 'InputError' });
    expect((error as Error).message).toMatch(message);
    expect((error as Error).message).toMatch(/x\.safetensors/);
  });
});
