import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readFields } from '../../src/model/weights/varint.js';
import { histogramOf, startEventFile } from '../../src/run/eventFile.js';
import { temporaryFolders } from '../support/temporaryFolder.js';

const folder = temporaryFolders();

describe('a histogram', () => {
  test('has every finite value in one bucket, between its edges', () => {
    const anyValues = fc.array(fc.float({ noDefaultInfinity: true, noNaN: true, max: 1e6, min: -1e6 }), { minLength: 1 }); // prettier-ignore
    fc.assert(
      fc.property(anyValues, fc.integer({ min: 1, max: 40 }), (list, buckets) => {
        const values = Float32Array.from([...list, NaN, Infinity]);
        const { min, max, count, counts, edges } = histogramOf(values, buckets)!;
        expect([min, max, count]).toEqual([Math.min(...list), Math.max(...list), list.length]);
        expect(counts.reduce((sum, one) => sum + one, 0)).toBe(list.length);
        expect(edges).toHaveLength(buckets);
        expect(edges.every((edge, i) => i === 0 || edge > edges[i - 1]!)).toBe(true);
      }),
    );
  });

  test('counts what lies between two edges', () => {
    const { edges, counts } = histogramOf(Float32Array.of(0, 1, 1.5, 2, 9, 10), 5)!;
    expect(edges).toEqual([2, 4, 6, 8, 10]);
    expect(counts).toEqual([3, 1, 0, 0, 2]);
  });

  test('is none where no value is finite', () => {
    expect(histogramOf(Float32Array.of(NaN, -Infinity))).toBeUndefined();
  });
});

test('an event file is records of a length, its checksum, content, and the content’s checksum', async () => {
  const out = folder();
  const add = await startEventFile(out, 7);
  await add(8, [{ tag: 'loss', scalar: 0.5 }]);
  await add(9, []);
  const [name] = readdirSync(out);
  expect(name).toMatch(/^events\.out\.tfevents\.\d+\./);
  const bytes = readFileSync(join(out, name!));
  const events: Map<number, number | Uint8Array>[] = [];
  for (let at = 0; at < bytes.length;) {
    const length = Number(bytes.readBigUInt64LE(at));
    events.push(new Map(readFields(bytes.subarray(at + 12, at + 12 + length))));
    at += 16 + length;
  }
  expect(events.map((event) => event.get(2))).toEqual([undefined, 8, 8]);
  expect(Buffer.from(events[0]!.get(3) as Uint8Array).toString()).toBe('brain.Event:2');
  // As every event file of TensorFlow's begins: a length of 24 and its checksum.
  expect(bytes.subarray(0, 12).toString('hex')).toBe('1800000000000000a37f4b22');
});
