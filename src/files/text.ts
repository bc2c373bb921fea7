import { lstat, readdir } from 'node:fs/promises';
import { InputError } from '../errors.js';
import { openFile } from './open.js';
import { reason } from './reason.js';

/** Most bytes of a file that is held in memory as a whole: twice the largest table of a terminology. */
const MOST_BYTES = 2 ** 28;

/**
 * A UTF-8 file as it stands, byte order mark included.
 * @throws InputError where it cannot be read or is not UTF-8 (with the offset of the first wrong byte).
 */
export async function readText(file: string, mostBytes = MOST_BYTES): Promise<string> {
  return decodeText(await readBytes(file, mostBytes), file);
}

/** The bytes of a file; InputError where it cannot be read, is no file (a pipe, a device), or has too many. */
export async function readBytes(file: string, mostBytes = MOST_BYTES): Promise<Buffer> {
  const handle = await openFile(file);
  try {
    const { size } = await handle.stat();
    if (size > mostBytes)
      throw new InputError(
        `${file} is too large to be what it should: it has ${shownBytes(size)}, and at most ${shownBytes(mostBytes)} are read.`,
      );
    return await handle.readFile();
  } catch (error) {
    if (error instanceof InputError) throw error;
    throw new InputError(`${file} cannot be read: ${reason(error)}.`, { cause: error });
  } finally {
    await handle.close();
  }
}

/** Whether something is there, if only a link to nothing: whoever opens it is told why it cannot be read. */
export async function exists(path: string): Promise<boolean> {
  return lstat(path).then(
    () => true,
    ({ code }: NodeJS.ErrnoException) => code !== 'ENOENT' && code !== 'ENOTDIR',
  );
}

/** Decodes UTF-8 and keeps a byte order mark. @throws InputError with the offset of the first wrong byte. */
export function decodeText(bytes: Uint8Array, file: string): string {
  try {
    return strictDecoder().decode(bytes);
  } catch {
    throw new InputError(`${file}: ${encodingProblem(bytes)}`);
  }
}

/** What is wrong with bytes that are not UTF-8, as a sentence. */
export function encodingProblem(bytes: Uint8Array): string {
  const [first, second] = bytes;
  if ((first === 0xff && second === 0xfe) || (first === 0xfe && second === 0xff))
    return 'the file is UTF-16; convert it to UTF-8.';
  const offset = firstWrongByte(bytes);
  const byte = bytes[offset]!.toString(16).padStart(2, '0');
  return `not UTF-8 at byte ${offset} (0x${byte}); convert the file to UTF-8 (from Latin-1, perhaps).`;
}

/**
 * Names of the files of a folder that end in `extension`, without it and in order of code units; hidden
 * files and folders are left out. @throws InputError where the folder cannot be read.
 */
export async function listNames(folder: string, extension: string): Promise<string[]> {
  let entries;
  try {
    entries = await readdir(folder, { withFileTypes: true });
  } catch (error) {
    throw new InputError(`The folder ${folder} cannot be read: ${reason(error)}.`, { cause: error });
  }
  return entries
    .filter((entry) => !entry.isDirectory() && !entry.name.startsWith('.') && entry.name.endsWith(extension))
    .map((entry) => entry.name.slice(0, entry.name.length - extension.length))
    .sort();
}

function shownBytes(bytes: number): string {
  return bytes < 2 ** 20 ? `${Math.ceil(bytes / 1024)} KiB` : `${(bytes / 2 ** 20).toFixed(0)} MiB`;
}

const strictDecoder = () => new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Where the first sequence of bytes that is not UTF-8 begins. */
function firstWrongByte(bytes: Uint8Array): number {
  const decodes = (length: number, stream: boolean) => {
    try {
      strictDecoder().decode(bytes.subarray(0, length), { stream });
      return true;
    } catch {
      return false;
    }
  };
  let good = 0; // a prefix that could be continued, if only in the middle of a character
  let bad = bytes.length + 1;
  while (bad - good > 1) {
    const middle = (good + bad) >> 1;
    if (decodes(middle, true)) good = middle;
    else bad = middle;
  }
  while (!decodes(good, false)) good--;
  return good;
}
