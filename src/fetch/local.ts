import { constants } from 'node:fs';
import { chmod, copyFile, mkdir, readdir, realpath, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { InputError } from '../errors.js';
import { isBelow } from '../files/inside.js';
import type { Delivery, Transfer } from './transfer.js';
import type { Source } from './source.js';
import { archiveKind, unpack } from './unpack.js';

/**
 * Takes a model from a folder or an archive (jar, zip, wheel, tgz) that is there already. Links to files
 * become files, as the hub's cache needs it; hidden files are left out.
 */
export async function fetchFromPath(
  { path }: Source & { kind: 'local' },
  transfer: Transfer,
): Promise<Delivery> {
  const { work, progress } = transfer;
  const from = resolve(path);
  const about = await stat(from).catch(() => undefined);
  if (!about) throw new InputError(`${path} does not exist`);
  const folder = join(work, 'unpacked');
  await rm(folder, { recursive: true, force: true });
  if (about.isDirectory()) {
    if (!(await copyFolder(from, folder, transfer)))
      throw new InputError(`${path} has no files: name the folder or the archive of a model`);
  } else if (await archiveKind(from)) await unpack(from, folder, progress);
  else throw new InputError(`${path} is neither a folder nor an archive (jar, zip, wheel, tgz)`);
  return { folder, resolved: basename(from), size: about.isFile() ? about.size : undefined };
}

/** Whether there was a file. */
async function copyFolder(from: string, to: string, { work, progress }: Transfer): Promise<boolean> {
  if (isBelow(work, await realpath(from)))
    throw new InputError(`${from} cannot be copied into itself; choose another --out`);
  const entries = await readdir(from, { recursive: true, withFileTypes: true });
  let any = false;
  for (const entry of entries) {
    const file = join(entry.parentPath ?? entry.path, entry.name);
    const path = relative(from, file);
    if (path.split(sep).some((part) => part.startsWith('.'))) continue;
    const about = await stat(file);
    if (!about.isFile()) continue;
    any = true;
    const target = join(to, path);
    await mkdir(dirname(target), { recursive: true });
    progress.begin(`copying ${path}`, about.size);
    await copyFile(file, target, constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL);
    if (about.mode & 0o7000) await chmod(target, about.mode & 0o777); // no setuid
    progress.add(about.size);
    progress.end();
  }
  return any;
}
