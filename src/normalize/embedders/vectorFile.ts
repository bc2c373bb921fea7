import { createHash } from 'node:crypto';
import { mkdir, open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { InputError } from '../../errors.js';

/** Vectors by key on disk; only the keys are in memory. */
export interface VectorFile {
  path: string;
  /** Fills `target` with the vector of a key; false where there is none. */
  read(key: string, target: Float32Array): Promise<boolean>;
  /** Adds vectors [keys, dimension], row by row. */
  append(keys: readonly string[], vectors: Float32Array): Promise<void>;
  close(): Promise<void>;
}

const KEY = 16; // bytes
const CHECK = 8;
/** Bytes that are read at once while keys are gathered. */
const CHUNK = 1 << 22;

/**
 * Opens the file of an embedder's vectors, or makes it. It is a row of records of one size: key, vector
 * (float32, little-endian), checksum of both; only ever appended to, by one process at a time, under a lock. A
 * record that a killed process left cut short is filled up with zeros before others are appended, and records with
 * a wrong checksum are as if they were not there.
 * @throws InputError where it cannot be written
 */
export async function openVectorFile(folder: string, name: string, dimension: number): Promise<VectorFile> {
  const path = join(folder, `${name}-${dimension}.vectors`);
  const handle = await explained(path, async () => {
    await mkdir(folder, { recursive: true });
    return open(path, 'a+');
  });
  try {
    const size = KEY + 4 * dimension + CHECK;
    const places = await readKeys(handle, size);
    return {
      path,
      async read(key, target) {
        const place = places.get(key);
        if (place === undefined) return false;
        const bytes = new Uint8Array(4 * dimension);
        await readFully(handle, bytes, place * size + KEY);
        target.set(new Float32Array(bytes.buffer));
        return true;
      },
      async append(keys, vectors) {
        const bytes = Buffer.alloc(keys.length * size);
        for (const [row, key] of keys.entries()) {
          const record = bytes.subarray(row * size, (row + 1) * size);
          const values = vectors.slice(row * dimension, (row + 1) * dimension);
          record.write(key, 'hex');
          record.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), KEY);
          record.set(checksum(record), size - CHECK);
        }
        await explained(path, async () => {
          await fillUp(handle, size);
          await handle.appendFile(bytes);
        });
      },
      close: () => handle.close(),
    };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** The key of a sentence, in hexadecimal. */
export function keyOf(sentence: string): string {
  return createHash('sha256')
    .update(sentence)
    .digest('hex')
    .slice(0, 2 * KEY);
}

async function explained<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (!code) throw error;
    throw new InputError(
      `${path} cannot be written (${code}): make room, or set cache to another folder or to null`,
    );
  }
}

async function fillUp(handle: FileHandle, size: number): Promise<void> {
  const rest = (await handle.stat()).size % size;
  if (rest > 0) await handle.appendFile(Buffer.alloc(size - rest));
}

/** Which record holds a key. */
async function readKeys(handle: FileHandle, size: number): Promise<Map<string, number>> {
  const places = new Map<string, number>();
  const count = Math.floor((await handle.stat()).size / size);
  const most = Math.max(1, Math.floor(CHUNK / size));
  for (let first = 0; first < count; first += most) {
    const bytes = Buffer.alloc(Math.min(most, count - first) * size);
    await readFully(handle, bytes, first * size);
    for (let at = 0; at < bytes.length; at += size) {
      const record = bytes.subarray(at, at + size);
      if (checksum(record).equals(record.subarray(size - CHECK)))
        places.set(record.toString('hex', 0, KEY), first + at / size);
    }
  }
  return places;
}

function checksum(record: Buffer): Buffer {
  return createHash('sha256').update(record.subarray(0, -CHECK)).digest().subarray(0, CHECK);
}

async function readFully(handle: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let at = 0; at < bytes.length;) {
    const { bytesRead } = await handle.read(bytes, at, bytes.length - at, position + at);
    if (bytesRead === 0) throw new Error('the file of vectors became shorter while it was read');
    at += bytesRead;
  }
}
