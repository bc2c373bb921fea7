import { afterEach, describe, expect, jest, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { open, type FileHandle } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { growingTable } from '../../src/data/growingTable.js';
import { formatNorm } from '../../src/data/norm.js';
import { normTable } from '../../src/predict/normTable.js';
import { mergeShards } from '../../src/predict/shard.js';
import { writeFiles } from '../support/corpus.js';
import { temporaryFolders } from '../support/temporaryFolder.js';

const folder = temporaryFolders();
const row = (filename: string, text = 'jueza') => ({ filename, text, span: { start: 0, end: 5 }, code: '1' });
const rows = formatNorm([row('a'), row('b')]);

afterEach(() => {
  jest.restoreAllMocks();
});

describe('a table of codes that is damaged', () => {
  const damages: [string, string, RegExp][] = [
    ['a span is no range', `${rows}c\tjueza\tx\t1\n`, /:4: the span "x" is not two whole numbers/],
    ['a row lacks a field', `${rows}c\tjueza\t0 5\n${formatNorm([row('d')], { header: false })}`, /:4: the row has 3 fields/], // prettier-ignore
    [
      'a row has opened a quote',
      `${rows}c\t"jueza\t0 5\t1\nd\tjueza\t0 5\t1\n`,
      /:4: a quotation mark opens/,
    ],
  ];

  test.each([
    ...damages,
    ['its last row was cut within its code', `${rows}c\tjueza\t0 5\t1`, /:4: the row has no end: the file was cut off/], // prettier-ignore
    ['its last row was cut before its code', `${rows}c\tjueza\t0`, /:4: the row has 3 fields/],
  ])('is not merged with others where %s', async (_, content, message) => {
    const out = folder();
    writeFiles(out, { 'norm-1-of-2.tsv': rows, 'norm-2-of-2.tsv': content });
    const merged = mergeShards(out);
    await expect(merged).rejects.toThrow(message);
    await expect(merged).rejects.toThrow(join(out, 'norm-2-of-2.tsv:4'));
  });

  test.each(damages)('is not gone on with where %s', async (_, content, message) => {
    const out = folder();
    writeFiles(out, { '.norm.tsv.part': content });
    const table = growingTable(normTable, out, 'norm.tsv', new Set(['a', 'b', 'd']));
    await expect(table.add([row('e')])).rejects.toThrow(message);
    expect(readFileSync(join(out, '.norm.tsv.part'), 'utf8')).toBe(content);
  });
});

test('a table that was cut within quotes is gone on with before them, whatever line ends they hold', async () => {
  const file = join(folder(), 'norm.tsv');
  const quoted = formatNorm([row('é', 'juez\na')], { header: false });
  writeFiles(dirname(file), { 'norm.tsv': `\uFEFF${rows}${quoted}c\t"juez\n""a"\t"${'\n'.repeat(50_000)}` });
  const found = await normTable.read(file, { cut: true }); // parsed anew from each line, it takes minutes
  expect(found).toEqual([row('a'), row('b'), row('é', 'juez\na')]);
});

test('a table of no shards is none', async () => {
  const out = folder();
  writeFiles(out, { 'norm-0-of-0.tsv': rows });
  await expect(mergeShards(out)).rejects.toThrow(`${out} has no table of a shard`);
});

test('a table of more rows than are written at once is merged whole', async () => {
  const out = folder();
  const all = Array.from({ length: 25_000 }, (_, i) => row(String(i).padStart(5, '0')));
  const shards = [all.slice(0, 12_000), all.slice(12_000)].map((some) => formatNorm(some));
  writeFiles(out, { 'norm-1-of-2.tsv': shards[0]!, 'norm-2-of-2.tsv': shards[1]! });
  await mergeShards(out);
  expect(readFileSync(join(out, 'norm.tsv'), 'utf8')).toBe(formatNorm(all));
});

test('rows are written to their end where the system takes a part of them at a time', async () => {
  const out = folder();
  const table = growingTable(normTable, out, 'norm.tsv');
  await table.add([]);
  const handle = await open(join(out, '.norm.tsv.part'));
  const prototype = Object.getPrototypeOf(handle) as FileHandle;
  await handle.close();
  const write = prototype.write as (this: FileHandle, bytes: Buffer) => ReturnType<FileHandle['write']>;
  jest.spyOn(prototype, 'write').mockImplementation(function (this: FileHandle, content: unknown) {
    return write.call(this, Buffer.from(content as string).subarray(0, 9));
  } as never);
  await table.add([row('a'), row('b')]);
  await table.finish();
  expect(readFileSync(join(out, 'norm.tsv'), 'utf8')).toBe(rows);
});

test('a table whose documents came in another order than that of their names is in that order all the same', async () => {
  const out = folder();
  const table = growingTable(normTable, out, 'norm.tsv');
  for (const name of ['b', 'c', 'a']) await table.add([row(name, 'jueza'), row(name, 'alba')]);
  await table.finish();
  const sorted = ['a', 'b', 'c'].flatMap((name) => [row(name, 'jueza'), row(name, 'alba')]);
  expect(readFileSync(join(out, 'norm.tsv'), 'utf8')).toBe(formatNorm(sorted));
});
