import { afterAll, expect, jest, test } from '@jest/globals';
import { formatBytes, progressInLines } from '../../src/fetch/progress.js';

let now = 0;
jest.spyOn(Date, 'now').mockImplementation(() => now);
afterAll(() => void jest.restoreAllMocks());

/** What is told of a transfer of which so many bytes have come at each second. */
function told(total: number | undefined, done: number, come: [second: number, bytes: number][]): string[] {
  now = 0;
  const lines: string[] = [];
  const progress = progressInLines((line) => lines.push(line));
  progress.begin('model', total, done);
  for (const [second, bytes] of come) {
    now = second * 1000;
    progress.add(bytes);
  }
  progress.end();
  return lines;
}

test('a transfer that is gone on with is as fast as what comes now, of all that there is', () => {
  expect(told(1e9, 500e6, [[10, 100e6]])).toEqual(['model: 60 % of 1.0 GB, 10.0 MB/s, 40 s left']);
  expect(told(1e9, 0, [[10, 100e6]])).toEqual(['model: 10 % of 1.0 GB, 10.0 MB/s, 1 min 30 s left']);
});

test('a transfer of unknown size is told by what has come', () => {
  expect(told(undefined, 0, [[10, 5e6], [20, 5e6]])).toEqual(['model: 5.0 MB, 500.0 kB/s', 'model: 10.0 MB, 500.0 kB/s']); // prettier-ignore
});

test('a line comes when a transfer begins to take long, and every five seconds from then on', () => {
  const seconds = Array.from({ length: 16 }, (_, second): [number, number] => [second, 1]);
  expect(told(100, 0, seconds).map((line) => line.replace(/,.*/, ''))).toEqual([
    'model: 6 % of 100 B',
    'model: 11 % of 100 B',
    'model: 16 % of 100 B',
  ]);
});

test('sizes are in decimal units', () => {
  expect([0, 999, 1000, 1_250_000, 714.3e6, 2e9, 3e12, 4e15].map(formatBytes)).toEqual([
    ...['0 B', '999 B', '1.0 kB', '1.3 MB', '714.3 MB', '2.0 GB', '3.0 TB', '4000.0 TB'],
  ]);
});
