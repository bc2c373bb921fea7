import { stat, statfs } from 'node:fs/promises';
import { InputError } from '../errors.js';
import { isInside } from '../files/inside.js';
import { formatBytes } from './progress.js';

/** What an archive may become: nothing that is a model or a corpus comes near it. */
const most = { entries: 200_000, bytes: 100e9, depth: 32, path: 1000, name: 255 }; // path and name in bytes
/** Small archives may become this large whatever their ratio: bytes. */
const always = 100e6;

/** How many times its size an archive may become. */
export const RATIO = 100;

/** Counts what comes out of an archive, and refuses what goes past its limits. */
export interface Allowance {
  /** The next entry, of this name. @throws InputError where it leads out, or is too deep or one too many */
  entry(name: string): void;
  /** So many more bytes. @throws InputError where they are too many */
  add(bytes: number): void;
}

/**
 * The limits for one archive that is unpacked into `folder`: `ratio` times its own size, and no more than the disk has
 * room for. What comes out counts with what the archive lies `within`, too, and with what came `before`.
 */
export async function allowanceFor(
  file: string,
  folder: string,
  ratio: number,
  { size: known, before = 0, within }: { size?: number; before?: number; within?: Allowance } = {},
): Promise<Allowance> {
  const size = known ?? (await stat(file)).size;
  const { bavail, bsize } = await statfs(folder);
  const room = bavail * bsize;
  const allowed = Math.min(most.bytes, Math.max(always, ratio * size));
  let [entries, bytes] = [0, 0];
  return {
    entry(name) {
      entries += 1;
      if (entries > most.entries)
        throw new InputError(`${file} has more than ${most.entries} entries; ${doubt}`);
      const shown = JSON.stringify(name.length > 80 ? `${name.slice(0, 80)}…` : name);
      if (!isInside(name))
        throw new InputError(`${file}: ${shown} would be written outside the folder; ${doubt}`);
      const parts = name.split('/');
      if (parts.length > most.depth || Buffer.byteLength(name) > most.path)
        throw new InputError(`${file}: the path ${shown} is too long or too deep; ${doubt}`);
      if (parts.some((part) => Buffer.byteLength(part) > most.name))
        throw new InputError(`${file}: a name in ${shown} is longer than ${most.name} bytes; ${doubt}`);
      within?.entry(name);
    },
    add(more) {
      bytes += more;
      if (before + bytes > allowed)
        throw new InputError(
          `${file} has ${formatBytes(size)} and becomes more than ${formatBytes(allowed)}: nothing was unpacked; ${doubt}, or unpack it by hand and fetch the folder`,
        );
      if (bytes > room)
        throw new InputError(
          `${file} becomes more than the ${formatBytes(room)} that the disk at ${folder} has left: make room, or choose another --out`,
        );
      within?.add(more);
    },
  };
}

const doubt = 'do not trust this file';
