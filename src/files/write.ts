import { mkdir, open, rename, rm, type FileHandle } from 'node:fs/promises';
import path from 'node:path';
import { InputError } from '../errors.js';
import { reason } from './reason.js';
import { removeLeftovers, temporaryFor } from './temporary.js';

/** What a file is to hold, or what writes it, bit by bit. */
export type Content = string | Uint8Array | ((file: FileHandle) => Promise<void>);

/**
 * Writes a file under a temporary name, sees it to the disk, then renames it: it is there whole or not at all,
 * after a power cut too. Makes its folder.
 * @throws InputError naming the file where the system refuses it; what `content` throws otherwise, as it is
 */
export async function writeAtomically(file: string, content: Content): Promise<void> {
  const folder = path.dirname(file);
  const temporary = temporaryFor(file);
  try {
    await mkdir(folder, { recursive: true });
    await writeSynced(temporary, content);
    await rename(temporary, file);
    await syncFile(folder);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw unwritable(file, error);
  }
}

/** Writes a file that somebody asked for by its name, as `writeAtomically`; what was left of it by one who was killed goes. */
export async function writeOutput(file: string, content: Content): Promise<void> {
  await removeLeftovers(path.dirname(file));
  await writeAtomically(file, content);
}

/**
 * Writes a folder under a temporary name beside its own, then renames it: it is there whole or not at all. It
 * may take the place of an empty one only. What was left beside it by one who was killed goes.
 * @throws InputError naming the folder where the system refuses it; what `write` throws otherwise, as it is
 */
export async function writeFolder(folder: string, write: (fresh: string) => Promise<void>): Promise<void> {
  const target = path.resolve(folder);
  const temporary = temporaryFor(target);
  await removeLeftovers(path.dirname(target));
  try {
    await mkdir(temporary, { recursive: true });
    await write(temporary);
    await rename(temporary, target);
    await syncFile(path.dirname(target));
  } catch (error) {
    await rm(temporary, { recursive: true, force: true }).catch(() => undefined);
    const { cause } = (error ?? {}) as Partial<Error>;
    throw unwritable(folder, systemCode(cause) === undefined ? error : cause);
  }
}

/** Sees a file, or the names in a folder, to the disk. Some systems cannot open a folder, and need not. */
export async function syncFile(file: string): Promise<void> {
  const handle = await open(file, 'r').catch(() => undefined);
  await handle?.sync().catch(() => undefined);
  await handle?.close();
}

/** An error of the system as a sentence that names the file; any other as it is. */
export function unwritable(file: string, error: unknown): unknown {
  if (systemCode(error) === undefined) return error;
  return new InputError(`${file} cannot be written: ${reason(error)}.`, { cause: error });
}

async function writeSynced(file: string, content: Content): Promise<void> {
  const handle = await open(file, 'wx');
  try {
    if (typeof content === 'function') await content(handle);
    else await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function systemCode(error: unknown): string | undefined {
  const { code, syscall } = (error ?? {}) as Partial<NodeJS.ErrnoException>;
  return syscall === undefined ? undefined : code;
}
