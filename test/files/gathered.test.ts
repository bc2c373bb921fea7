import { expect, test } from '@jest/globals';
import type { FileHandle } from 'node:fs/promises';
import { gathered } from '../../src/files/gathered.js';

/** Writes parts of these sizes to a file that takes `most` bytes at once; what it has then, and in how many calls. */
async function write(sizes: number[], most = Infinity) {
  const parts = sizes.map((size, part) => new Uint8Array(size).fill(part + 1));
  const taken: Buffer[] = [];
  const handle = {
    write: (bytes: Uint8Array, at: number, length: number) => {
      const bytesWritten = Math.min(length, most);
      taken.push(Buffer.from(bytes.subarray(at, at + bytesWritten)));
      return Promise.resolve({ bytesWritten });
    },
  } as unknown as FileHandle;
  const out = gathered(handle);
  for (const part of parts) {
    await out.write(part);
    part.fill(0); // it is the caller's again
  }
  await out.end();
  const expected = Buffer.concat(sizes.map((size, part) => Buffer.alloc(size, part + 1)));
  return { same: Buffer.concat(taken).equals(expected), calls: taken.length };
}

test.each([
  ['none', []],
  ['empty ones', [0, 3, 0]],
  ['one that fills what is held, and one more', [2 ** 20, 1]],
  ['large ones between small ones', [5, 2 ** 20 + 1, 7, 2 ** 21, 2 ** 20 - 6, 6]],
])('parts are in the file one after another: %s', async (_, sizes) => {
  expect(await write(sizes)).toMatchObject({ same: true });
  expect(await write(sizes, 1000)).toMatchObject({ same: true });
});

test('small parts are written together', async () => {
  expect(await write(Array<number>(200).fill(100))).toEqual({ same: true, calls: 1 });
});
