import { createHash, randomBytes } from 'node:crypto';
import { readdir, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { mayLive, thisProcess } from './process.js';

/**
 * A name beside a file's or folder's own, for as long as it is not whole. It tells whose it is, so that what a
 * process leaves that is killed can be told from what another one is about to finish.
 */
export function temporaryFor(path: string): string {
  const { pid, ticks } = thisProcess();
  const name = [...basename(path)].slice(0, 40).join(''); // 255 bytes is the most that a name may have
  return join(
    dirname(path),
    `.${name}.${pid}-${ticks ?? 0}-${hostTag()}-${randomBytes(4).toString('hex')}.tmp`,
  );
}

/** Whether a name is one that `temporaryFor` makes. */
export function isTemporary(name: string): boolean {
  return PATTERN.test(name);
}

/**
 * Removes what processes of this host have left in these folders that were killed. What belongs to a live
 * process stays, or to another host, whose processes nobody here can ask after. A folder need not exist.
 */
export async function removeLeftovers(...folders: string[]): Promise<void> {
  for (const folder of folders)
    for (const name of await readdir(folder).catch(() => []))
      if (isLeft(name)) await rm(join(folder, name), { recursive: true, force: true });
}

const PATTERN = /^\..*\.(\d+)-(\d+)-([0-9a-f]{8})-[0-9a-f]{8}\.tmp$/s;

function isLeft(name: string): boolean {
  const [, pid, ticks, host] = PATTERN.exec(name) ?? [];
  if (pid === undefined || host !== hostTag()) return false;
  return !mayLive({ host: hostname(), pid: Number(pid), ticks: Number(ticks) || null });
}

/** The host's name, as short as a file's name needs it. */
function hostTag(): string {
  return createHash('sha256').update(hostname()).digest('hex').slice(0, 8);
}
