import { describe, expect, test } from '@jest/globals';
import { truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { InputError } from '../../src/errors.js';
import { allowanceFor, RATIO } from '../../src/fetch/limits.js';
import { temporaryFolders } from '../support/temporaryFolder.js';

const folder = temporaryFolders();
/** Of an archive of so many bytes, a file without content. */
const allowance = (size = 1e6, others: Parameters<typeof allowanceFor>[3] = {}) =>
  allowanceFor('a.zip', folder(), RATIO, { size, ...others });

describe('what an archive may become', () => {
  test('is a hundred megabytes, or so many times its size where that is more', async () => {
    const [small, large] = [await allowance(1e3), await allowance(2e6)];
    small.add(60e6);
    expect(() => small.add(40e6)).not.toThrow();
    expect(() => small.add(1)).toThrow(/^a\.zip has 1\.0 kB and becomes more than 100\.0 MB: nothing/);
    large.add(200e6);
    expect(() => large.add(1)).toThrow(/^a\.zip has 2\.0 MB and becomes more than 200\.0 MB/);
  });

  test('is counted from the size of its file', async () => {
    const file = join(folder(), 'a.zip');
    writeFileSync(file, '');
    truncateSync(file, 3e6);
    const own = await allowanceFor(file, folder(), 50);
    own.add(150e6);
    expect(() => own.add(1)).toThrow(InputError);
  });

  test('is less by what came before it, and what lies in it counts for both', async () => {
    const outer = await allowance(1e6, { before: 70e6 });
    const [first, second] = [
      await allowance(1e6, { within: outer }),
      await allowance(1e6, { within: outer }),
    ];
    first.add(20e6);
    second.add(10e6);
    expect(() => second.add(1)).toThrow(/becomes more than 100\.0 MB/);
  });

  test('is no more than the disk has room for', async () => {
    const full = await allowanceFor('a.zip', '/proc', RATIO, { size: 1e6 });
    expect(() => full.add(1)).toThrow(
      'a.zip becomes more than the 0 B that the disk at /proc has left: make room, or choose another --out',
    );
  });

  test('is so many entries, those of archives in it among them', async () => {
    const outer = await allowance();
    const inner = [await allowance(1e6, { within: outer }), await allowance(1e6, { within: outer })];
    for (const one of inner) for (let i = 0; i < 100_000; i++) one.entry('x');
    expect(() => inner[1]!.entry('x')).toThrow(
      /^a\.zip has more than 200000 entries; do not trust this file$/,
    );
  });

  test('has paths and names of so many bytes, and folders of so many levels', async () => {
    const { entry } = await allowance();
    const deep = (levels: number) => `${'a/'.repeat(levels - 1)}b`;
    const path = (bytes: number) => [...Array<string>(4).fill('x'.repeat(199)), 'y'.repeat(bytes - 800)].join('/'); // prettier-ignore
    for (const name of [deep(32), path(1000), 'x'.repeat(255), `${'ñ'.repeat(127)}x`])
      expect(() => entry(name)).not.toThrow();
    for (const name of [deep(33), path(1001)]) expect(() => entry(name)).toThrow(/is too long or too deep/);
    for (const name of ['x'.repeat(256), 'ñ'.repeat(128)])
      expect(() => entry(name)).toThrow(/is longer than 255 bytes/);
  });
});
