import type { Hash } from 'node:crypto';
import { decodeText, readBytes } from '../../files/text.js';
import type { Reading } from './format.js';

/** Adds a file to the hash of a corpus, by its name there; undefined where it is missing. */
export function hashFile(hash: Hash, name: string, bytes: Buffer | undefined): void {
  hash.update(`${name}\0${bytes?.length ?? 'none'}\0`);
  if (bytes) hash.update(bytes);
}

/** Reads and hashes a text file. @throws InputError where it cannot be read, is too large or not UTF-8 */
export async function readHashed(
  file: string,
  name: string,
  { hash }: Pick<Reading, 'hash'>,
  mostBytes?: number,
): Promise<string> {
  const bytes = await readBytes(file, mostBytes);
  hashFile(hash, name, bytes);
  return decodeText(bytes, file);
}
