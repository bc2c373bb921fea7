import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import zlib from 'node:zlib';
import type { Entry, ZipFile } from 'yauzl';
import { InputError } from '../errors.js';
import { openFile } from '../files/open.js';
import { allowanceFor, RATIO, type Allowance } from './limits.js';
import type { Progress } from './progress.js';

const slow = 8_000_000; // bytes from which an entry gets a progress bar of its own

/** What kind of archive a file is, by its first bytes. @throws as openFile */
export async function archiveKind(file: string): Promise<'zip' | 'tgz' | undefined> {
  const handle = await openFile(file);
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(4), 0, 4, 0);
    if (bytesRead === 4 && buffer.readUInt32LE() === 0x04034b50) return 'zip';
    return bytesRead >= 2 && buffer[0] === 0x1f && buffer[1] === 0x8b ? 'tgz' : undefined;
  } finally {
    await handle.close();
  }
}

/**
 * Unpacks a zip (jar, wheel) or a tgz into `folder`, entry by entry as a stream. Links and devices are left out, and
 * every file gets the rights of a new one.
 * @param ratio how many times its size it may become (see `allowanceFor`)
 * @param within counts what comes out of it, too
 * @throws InputError where it is neither, is damaged, is too much, or an entry would land outside the folder
 */
export async function unpack(
  file: string,
  folder: string,
  progress: Progress,
  ratio = RATIO,
  within?: Allowance,
): Promise<void> {
  const kind = await archiveKind(file);
  if (!kind) throw new InputError(`${file} is neither a zip (jar, wheel) nor a tgz`);
  await mkdir(folder, { recursive: true });
  const allowance = await allowanceFor(file, folder, ratio, { within });
  try {
    const left = await (kind === 'zip'
      ? unzip(file, folder, allowance, progress)
      : untar(file, folder, allowance));
    if (left > 0) progress.notice(`${file}: ${left} links or devices in it were left out`);
  } catch (error) {
    if (error instanceof InputError || (error as NodeJS.ErrnoException).syscall) throw error;
    const reason = (error as Error).message.replace(/^TAR_[A-Z_]+: /, '');
    throw new InputError(`${file} cannot be unpacked: ${reason}; fetch it again`);
  }
}

/** Returns how many entries were left out. */
async function unzip(
  file: string,
  folder: string,
  allowance: Allowance,
  progress: Progress,
): Promise<number> {
  const { openPromise } = await import('yauzl');
  const zip = await openPromise(file); // checks names, and that an entry has as many bytes as it says
  let left = 0;
  try {
    for await (const entry of zip.eachEntry()) {
      const type = (entry.externalFileAttributes >>> 16) & 0o170000;
      if (/\/$/.test(entry.fileName)) continue; // a folder
      allowance.entry(entry.fileName);
      if (type !== 0 && type !== 0o100000) {
        left += 1;
        continue;
      }
      allowance.add(entry.uncompressedSize);
      const target = join(folder, entry.fileName);
      await mkdir(dirname(target), { recursive: true });
      await unzipEntry(zip, entry, target, file, progress);
    }
    return left;
  } finally {
    zip.close();
  }
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

/** Returns how many entries were left out. */
async function untar(file: string, folder: string, allowance: Allowance): Promise<number> {
  const { UnpackSync } = await import('tar');
  let left = 0;
  let problem: unknown;
  const unpacked = new UnpackSync({
    cwd: folder,
    strict: true, // what is damaged is an error
    noMtime: true,
    preserveOwner: false,
    filter: (path, entry) => {
      if (!('type' in entry) || problem || entry.type === 'Directory') return false;
      try {
        allowance.entry(path);
      } catch (error) {
        problem = error;
        return false;
      }
      entry.mode = 0o644; // no setuid
      const isFile = ['File', 'OldFile', 'ContiguousFile'].includes(entry.type);
      if (!isFile) left += 1; // links too, so that nothing can be written through one
      return isFile;
    },
  });
  unpacked.on('error', (error) => (problem ??= error));
  const check = () => {
    if (problem) throw problem;
  };
  const packed = createReadStream(file);
  const plain = packed.pipe(zlib.createGunzip());
  packed.on('error', (error) => plain.destroy(error));
  try {
    for await (const chunk of plain as AsyncIterable<Buffer>) {
      allowance.add(chunk.length); // what is left out counts, too
      unpacked.write(chunk);
      check();
    }
    unpacked.end();
    check();
  } finally {
    packed.destroy();
  }
  return left;
}
