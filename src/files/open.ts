import { constants } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { InputError } from '../errors.js';
import { reason } from './reason.js';

/**
 * Opens a file to read it. A pipe or a device in its place is refused: it may never answer, or never end.
 * @throws InputError, one sentence; its cause is the system's error, where there is one
 */
export async function openFile(file: string): Promise<FileHandle> {
  const cannot = (why: string, cause?: unknown) =>
    new InputError(`${file} cannot be read: ${why}.`, { cause });
  let handle: FileHandle;
  try {
    handle = await open(file, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)); // a pipe's open would wait
  } catch (error) {
    throw cannot(reason(error), error);
  }
  const stats = await handle.stat();
  if (stats.isFile()) return handle;
  await handle.close();
  if (stats.isDirectory()) throw cannot('it is a folder', { code: 'EISDIR' });
  const kind = stats.isFIFO() ? 'a pipe' : stats.isSocket() ? 'a socket' : 'a device';
  throw cannot(`it is ${kind}, and no file; put a file in its place`);
}
