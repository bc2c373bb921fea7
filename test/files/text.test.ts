import { describe, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { exists, readBytes, readText } from '../../src/files/text.js';
import { temporaryFolders } from '../support/temporaryFolder.js';

const folder = temporaryFolders();

describe('a file', () => {
  test('is read as it stands, byte order mark included', async () => {
    const file = join(folder(), 'a.txt');
    writeFileSync(file, '\uFEFFdueño\r\n');
    expect(await readText(file)).toBe('\uFEFFdueño\r\n');
  });

  test('of as many bytes as are taken is read, and one of more is told', async () => {
    const file = join(folder(), 'a.txt');
    writeFileSync(file, 'x'.repeat(2048));
    expect(await readBytes(file, 2048)).toHaveLength(2048);
    await expect(readBytes(file, 1024)).rejects.toThrow(
      `${file} is too large to be what it should: it has 2 KiB, and at most 1 KiB are read.`,
    );
  });
});

describe('what never ends, or never begins, is told', () => {
  test('a pipe that nobody writes to', async () => {
    const pipe = join(folder(), 'a.txt');
    execFileSync('mkfifo', [pipe]);
    await expect(readBytes(pipe)).rejects.toThrow(
      `${pipe} cannot be read: it is a pipe, and no file; put a file in its place.`,
    );
  });

  test('a device', async () => {
    await expect(readBytes('/dev/zero')).rejects.toThrow(
      '/dev/zero cannot be read: it is a device, and no file; put a file in its place.',
    );
  });
});

test('a link to nothing is there, what has no name is not', async () => {
  const path = folder();
  symlinkSync('gone', join(path, 'link'));
  writeFileSync(join(path, 'file'), '');
  expect(await exists(join(path, 'link'))).toBe(true);
  expect(await exists(join(path, 'gone'))).toBe(false);
  expect(await exists(join(path, 'file', 'below'))).toBe(false);
});
