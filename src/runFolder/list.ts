import { lstat, readdir, rename, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { InputError, UsageError } from '../errors.js';
import { isTemporary, temporaryFor } from '../files/temporary.js';
import { lockRun } from './lock.js';
import { runPaths } from './paths.js';
import { readStatus, type RunStatus } from './status.js';

/** A run among others. */
export interface ListedRun extends RunStatus {
  /** Bytes of its files; what two names share is counted once. */
  size: number;
}

/** How deep runs are looked for: runs/, an experiment's folder, its runs. */
const DEPTH = 4;

/**
 * The runs in a folder and in the folders in it, four deep, by name. One that is damaged says so, and is no error.
 * @param folder `runs`, an experiment's folder, or that of one run
 * @throws InputError where there is no folder
 */
export async function listRuns(folder: string): Promise<ListedRun[]> {
  const names = await readdir(folder).catch((error: unknown) => {
    throw new InputError(`${folder} is no folder of runs: name one that is there`, { cause: error });
  });
  const own = await listedRun(folder);
  if (own) return [own];
  const runs = names.filter((name) => !isTemporary(name));
  return (await Promise.all(runs.map((name) => runsBelow(join(folder, name), DEPTH - 1)))).flat();
}

/** The run in a folder; undefined where there is none. */
export async function listedRun(folder: string): Promise<ListedRun | undefined> {
  const status = await readStatus(folder);
  return status && { ...status, size: await sizeOf(folder) };
}

/**
 * Removes a run, under its lock: it may be running by now. Tells whether it is gone. It is moved aside first, so
 * that nobody finds half of one.
 */
export async function removeRun(folder: string): Promise<boolean> {
  if (!(await readStatus(folder))) return false;
  const aside = temporaryFor(resolve(folder));
  const unlock = await lockRun(runPaths(folder).lock).catch((error: unknown) => {
    if (error instanceof UsageError) return undefined;
    throw error;
  });
  if (!unlock) return false;
  try {
    if (!(await readStatus(folder))) return false; // another removal was faster
    await rename(folder, aside);
  } finally {
    unlock();
  }
  await rm(aside, { recursive: true });
  return true;
}

async function runsBelow(folder: string, depth: number): Promise<ListedRun[]> {
  if (!(await lstat(folder).catch(() => undefined))?.isDirectory()) return []; // links are not followed
  const own = await listedRun(folder);
  if (own) return [own];
  if (depth === 0) return [];
  const names = (await readdir(folder).catch(() => [])).filter((name) => !isTemporary(name)).sort();
  return (await Promise.all(names.map((name) => runsBelow(join(folder, name), depth - 1)))).flat();
}

async function sizeOf(folder: string): Promise<number> {
  const seen = new Set<number>();
  let bytes = 0;
  const folders = [folder];
  for (const at of folders) {
    for (const name of await namesIn(at)) {
      const found = await lstat(join(at, name)).catch(() => undefined);
      if (found?.isDirectory()) folders.push(join(at, name));
      if (!found?.isFile() || seen.has(found.ino)) continue; // `best` is made of links to `last`
      seen.add(found.ino);
      bytes += found.size;
    }
  }
  return bytes;
}

/** A run that writes a checkpoint renames and removes folders meanwhile: one that has gone is empty. */
async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
}
