import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError } from '../errors.js';
import { exists } from '../files/text.js';
import { fetchedFormat, type FetchRecord } from '../formats/fetched.js';
import { readStored } from '../formats/stored.js';
import { hashFile } from '../files/checksum.js';
import { filesBelow } from '../files/below.js';
import type { Progress } from './progress.js';

export const recordName = 'fetched.json';

/** Size and sha256 of every file in the folder. */
export async function describeFiles(folder: string, progress: Progress): Promise<FetchRecord['files']> {
  const paths = (await filesBelow(folder)).filter((path) => path !== recordName);
  const sizes = await Promise.all(paths.map(async (path) => (await stat(join(folder, path))).size));
  progress.begin(
    'checksums',
    sizes.reduce((sum, size) => sum + size, 0),
  );
  const files: [string, { size: number; sha256: string }][] = [];
  for (const [i, path] of paths.entries()) {
    const sha256 = await hashFile(join(folder, path), 'sha256', progress.add);
    files.push([path, { size: sizes[i]!, sha256 }]);
  }
  progress.end();
  return Object.fromEntries(files);
}

/** The record in a folder; undefined where it has none. @throws InputError where it is damaged */
export async function readRecord(folder: string): Promise<FetchRecord | undefined> {
  const file = join(folder, recordName);
  return (await exists(file)) ? readStored(file, fetchedFormat) : undefined;
}

/** @throws InputError naming the first file that is gone or is not what was fetched */
export async function verifyRecord(folder: string, record: FetchRecord, progress: Progress): Promise<void> {
  const now = await describeFiles(folder, progress);
  for (const [path, { sha256 }] of Object.entries(record.files)) {
    if (now[path]?.sha256 === sha256) continue;
    const what = now[path] ? 'is not what was fetched (its sha256 differs)' : 'was fetched but is gone';
    throw new InputError(`${join(folder, path)} ${what}: --force fetches everything again`);
  }
}
