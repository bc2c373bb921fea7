import { createWriteStream } from 'node:fs';
import { mkdir, open } from 'node:fs/promises';
import { basename, dirname, resolve, sep } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import zlib from 'node:zlib';
import type { Entry, ZipFile } from 'yauzl';
import { InputError } from '../errors.js';
import type { Progress } from './progress.js';

const slow = 8_000_000; // bytes from which an entry gets a progress bar of its own

/** What kind of archive a file is, by its first bytes. */
export async function archiveKind(file: string): Promise<'zip' | 'tgz' | undefined> {
  const handle = await open(file, 'r');
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(4), 0, 4, 0);
    if (bytesRead === 4 && buffer.readUInt32LE() === 0x04034b50) return 'zip';
    return bytesRead >= 2 && buffer[0] === 0x1f && buffer[1] === 0x8b ? 'tgz' : undefined;
  } finally {
    await handle.close();
  }
}

/**
 * Unpacks a zip (jar, wheel) or a tgz into `folder`, entry by entry as a stream.
 * @throws InputError where it is neither, is damaged, or an entry would land outside the folder
 */
export async function unpack(file: string, folder: string, progress: Progress): Promise<void> {
  const kind = await archiveKind(file);
  if (!kind) throw new InputError(`${file} is neither a zip (jar, wheel) nor a tgz`);
  await mkdir(folder, { recursive: true });
  try {
    await (kind === 'zip' ? unzip(file, folder, progress) : untar(file, folder));
  } catch (error) {
    if (error instanceof InputError || (error as NodeJS.ErrnoException).syscall) throw error;
    const reason = (error as Error).message.replace(/^TAR_[A-Z_]+: /, '');
    throw new InputError(`${file} cannot be unpacked: ${reason}`);
  }
}

async function unzip(file: string, folder: string, progress: Progress): Promise<void> {
  const { openPromise } = await import('yauzl');
  const zip = await openPromise(file); // checks names: none is absolute, none has ..
  try {
    for await (const entry of zip.eachEntry()) {
      const type = (entry.externalFileAttributes >>> 16) & 0o170000;
      if (type === 0o120000 || /\/$/.test(entry.fileName)) continue; // links, folders
      const target = targetOf(entry.fileName, folder, file);
      await mkdir(dirname(target), { recursive: true });
      await unzipEntry(zip, entry, target, file, progress);
    }
  } finally {
    zip.close();
  }
}

function targetOf(name: string, folder: string, file: string): string {
  const target = resolve(folder, name);
  if (!target.startsWith(resolve(folder) + sep))
    throw new InputError(
      `${file}: ${JSON.stringify(name)} would be written outside the folder; do not trust this file`,
    );
  return target;
}

async function unzipEntry(zip: ZipFile, entry: Entry, target: string, file: string, progress: Progress) {
  const large = entry.uncompressedSize > slow;
  if (large) progress.begin(`unpacking ${basename(entry.fileName)}`, entry.uncompressedSize);
  let crc = 0;
  const check = new Transform({
    transform(chunk: Buffer, _, done) {
      crc = zlib.crc32?.(chunk, crc) ?? entry.crc32; // Node 20.15 and later
      if (large) progress.add(chunk.length);
      done(null, chunk);
    },
  });
  try {
    await pipeline(await zip.openReadStreamPromise(entry), check, createWriteStream(target, { flags: 'wx' }));
  } finally {
    if (large) progress.end();
  }
  if (crc !== entry.crc32)
    throw new InputError(`${file}: ${entry.fileName} is damaged (its checksum is wrong)`);
}

async function untar(file: string, folder: string): Promise<void> {
  const { extract } = await import('tar');
  await extract({
    file,
    cwd: folder,
    strict: true, // a name that is absolute or has .. is an error
    noChmod: true,
    noMtime: true,
    preserveOwner: false,
    // links are left out, so that nothing can be written through one
    filter: (_, entry) => 'type' in entry && ['File', 'OldFile', 'ContiguousFile'].includes(entry.type),
  });
}
