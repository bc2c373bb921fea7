import { copyFile, link, mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { InputError } from '../errors.js';
import { exists } from './text.js';
import { syncFile } from './write.js';

/** Writes a folder that takes the place of the one that is there, when all is in it. */
export async function replaceFolder(folder: string, write: (fresh: string) => Promise<void>): Promise<void> {
  await recoverFolder(folder);
  try {
    await mkdir(fresh(folder), { recursive: true });
    await write(fresh(folder));
  } catch (error) {
    await rm(fresh(folder), { recursive: true, force: true });
    const { code } = ((error as Error).cause ?? error) as NodeJS.ErrnoException;
    if (code === 'ENOSPC')
      throw new InputError(
        `${folder} cannot be written: no space left on the disk; the last one is untouched`,
        { cause: error },
      );
    throw error;
  }
  await rename(fresh(folder), done(folder)); // from here on it is whole
  if (await exists(folder)) await rename(folder, old(folder));
  await rename(done(folder), folder);
  await syncFile(dirname(folder));
  await rm(old(folder), { recursive: true, force: true });
}

/**
 * Finishes or undoes what a killed process left of `replaceFolder`. Returns whether `folder` is there.
 */
export async function recoverFolder(folder: string): Promise<boolean> {
  if (!(await exists(folder))) {
    const candidate = (await exists(done(folder))) ? done(folder) : old(folder);
    if (await exists(candidate)) await rename(candidate, folder);
  }
  for (const left of [fresh(folder), done(folder), old(folder)])
    await rm(left, { recursive: true, force: true });
  return exists(folder);
}

const fresh = (folder: string) => `${folder}.new`;
const done = (folder: string) => `${folder}.done`;
const old = (folder: string) => `${folder}.old`;

/** Whether both names are of one file that is there. */
export async function isSameFile(one: string, other: string): Promise<boolean> {
  const [a, b] = await Promise.all([one, other].map((file) => stat(file).catch(() => undefined)));
  return a !== undefined && a.ino === b?.ino && a.dev === b.dev;
}

/** Makes `folder` another name for the files of one that is there, but for some; copies where links can't be. */
export async function linkFolder(from: string, folder: string, except: string[] = []): Promise<void> {
  await replaceFolder(folder, async (fresh) => {
    for (const entry of await readdir(from, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile() || except.includes(entry.name)) continue;
      const file = join(entry.parentPath, entry.name);
      const to = join(fresh, relative(from, file));
      await mkdir(dirname(to), { recursive: true });
      await link(file, to).catch(async () => {
        await copyFile(file, to);
        await syncFile(to);
      });
    }
  });
}
