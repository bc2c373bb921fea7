import { readFileSync } from 'node:fs';
import { readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';

/** A process that has something to itself: the content of the lock's file. */
export interface Lock {
  host: string;
  pid: number;
  /** When the process started, in the kernel's ticks: numbers of processes come again. Null but on Linux. */
  ticks: number | null;
  since: string;
}

/**
 * Tries to lock a file's name for this process; the lock of a process that is dead is taken over, as is one that
 * `yields`. Returns who has it, or nothing where it is this process' own now: it unlocks by removing the file.
 */
export async function tryLock<T extends Lock>(
  file: string,
  own: T,
  yields: (holder: T) => boolean = () => false,
): Promise<T | undefined> {
  while (!(await create(file, own))) {
    const holder = await readLock<T>(file);
    if (holder && isHeld(holder) && !yields(holder)) return holder;
    await removeStale(file, holder);
  }
  return undefined;
}

/** A lock of this process. */
export function ownLock(): Lock {
  const { pid } = process;
  return { host: hostname(), pid, ticks: ticksOf(pid), since: new Date().toISOString() };
}

/** The lock that there is, or nothing. */
export async function readLock<T extends Lock = Lock>(file: string): Promise<T | undefined> {
  for (;;) {
    const text = await readFile(file, 'utf8').catch(() => undefined);
    if (text === undefined) return undefined;
    try {
      return JSON.parse(text) as T;
    } catch {
      const age = Date.now() - (await stat(file).catch(() => ({ mtimeMs: 0 }))).mtimeMs; // ms
      if (age > 2000) return undefined; // its process was killed while it wrote
      await sleep(50);
    }
  }
}

/** Whether a lock's process lives, or may: nobody can tell of one on another host. */
export function isHeld({ host, pid, ticks }: Lock): boolean {
  if (host !== hostname()) return true;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  return ticks === null || ticksOf(pid) === ticks;
}

/** Takes a dead process' lock away, unless another process has taken it over meanwhile. */
async function removeStale(file: string, stale: Lock | undefined): Promise<void> {
  const aside = `${file}.${process.pid}`;
  await rename(file, aside).catch(() => {});
  const moved = await readLock(aside);
  if (moved && JSON.stringify(moved) !== JSON.stringify(stale)) await rename(aside, file);
  else await rm(aside, { force: true });
}

async function create(file: string, lock: Lock): Promise<boolean> {
  try {
    await writeFile(file, `${JSON.stringify(lock)}\n`, { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return false;
  }
}

/** Field 22 of /proc/PID/stat, counted behind the command's name, which may hold anything. */
function ticksOf(pid: number): number | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return Number(text.slice(text.lastIndexOf(')') + 2).split(' ')[19]);
  } catch {
    return null;
  }
}
