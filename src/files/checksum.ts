import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';

export interface Checksum {
  algorithm: 'sha256' | 'sha1' | 'md5';
  /** Lower-case hexadecimal. */
  hex: string;
}

/** Checksum of a file, read as a stream. */
export async function hashFile(
  file: string,
  algorithm: Checksum['algorithm'] = 'sha256',
  onBytes: (bytes: number) => void = () => {},
): Promise<string> {
  const hash = createHash(algorithm);
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 20 }) as AsyncIterable<Buffer>) {
    hash.update(chunk);
    onBytes(chunk.length);
  }
  return hash.digest('hex');
}
