import { existsSync, readFileSync, rmSync } from 'node:fs';
import { link, lstat, rename, rm, stat, writeFile } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { InputError } from '../errors.js';
import { mayLive, thisProcess, type ProcessId } from './process.js';
import { temporaryFor } from './temporary.js';
import { readBytes } from './text.js';
import { unwritable } from './write.js';

/** A process that has something to itself: the content of the lock's file. */
export interface Lock extends ProcessId {
  /** Tells one lock of a process from another. */
  id: string;
  since: string;
}

/** A lock that is this process' own until it is unlocked, or the process exits; or whose it is. */
export type Locking<T extends Lock> =
  { unlock: () => void; holder?: undefined } | { holder: T; unlock?: undefined };

/**
 * Tries to lock a file's name for this process; the lock of a process that is dead is taken over, as is one that
 * `yields`. However many try at once, one has it. The file comes whole (a link to one that is written), by a call
 * that fails where it is there; only who holds `<file>.over`, a lock of the same kind, may put another one in its
 * place, having seen once more that its process is dead; and only its owner removes it.
 */
export async function tryLock<T extends Lock>(
  file: string,
  own: T,
  yields: (holder: T) => boolean = () => false,
): Promise<Locking<T>> {
  const locking = await acquire(file, own, yields);
  if (!locking.unlock) return locking;
  const unlock = () => {
    process.off('exit', unlock);
    locking.unlock();
  };
  process.on('exit', unlock);
  return { unlock };
}

/**
 * Removes the lock that a process left which was killed, where there is one: for those who need none, as all is there.
 * It stays where it cannot be removed, and in no one's way.
 */
export async function removeDeadLock(file: string): Promise<void> {
  if (!existsSync(file)) return;
  const locking = await tryLock(file, ownLock()).catch(() => undefined);
  locking?.unlock?.();
}

/** A lock of this process. */
export function ownLock(): Lock {
  return { ...thisProcess(), id: randomUUID(), since: new Date().toISOString() };
}

/** The lock that there is, or nothing. */
export async function readLock<T extends Lock = Lock>(file: string): Promise<T | undefined> {
  const lock = await readWhole<T>(file);
  return lock === TORN ? undefined : lock;
}

async function acquire<T extends Lock>(
  file: string,
  own: T,
  yields: (holder: T) => boolean,
): Promise<Locking<T>> {
  const isHeld = (lock: T | typeof TORN) => lock !== TORN && mayLive(lock) && !yields(lock);
  const patience = Date.now() + PATIENCE;
  for (;;) {
    const found = await readWhole<T>(file);
    if (found === undefined) await create(file, own);
    else if (found !== TORN && found.id === own.id) return { unlock: () => release(file, own) };
    else if (isHeld(found)) return { holder: found as T };
    else {
      const guard = await acquire(`${file}.over`, ownLock(), () => false);
      if (!guard.unlock) {
        if (Date.now() > patience) return { holder: { ...own, ...guard.holder } };
        await sleep(10);
        continue;
      }
      try {
        const still = await readWhole<T>(file);
        if (still !== undefined && !isHeld(still)) await replace(file, own);
      } finally {
        guard.unlock();
      }
    }
  }
}

/** How long a taking over by another process, a matter of some calls, is waited for, in ms. */
const PATIENCE = 10_000;

/** In place of a content that is no lock's, and has been none for longer than writing one takes. */
const TORN = Symbol('torn');
const WRITING = 2000; // ms

async function readWhole<T extends Lock>(file: string): Promise<T | typeof TORN | undefined> {
  const since = performance.now(); // the file's own time may be one to come
  for (;;) {
    const bytes = await readBytes(file).catch((error: InputError) => {
      if ((error.cause as NodeJS.ErrnoException | undefined)?.code === 'ENOENT') return undefined;
      throw error;
    });
    if (bytes === undefined) return undefined;
    const lock = parse(bytes.toString());
    if (lock) return lock as T;
    const age = Date.now() - (await stat(file).catch(() => ({ mtimeMs: 0 }))).mtimeMs; // ms
    if (Math.max(age, performance.now() - since) > WRITING) return TORN; // its process was killed while it wrote
    await sleep(50);
  }
}

function parse(text: string): Lock | undefined {
  try {
    const lock = JSON.parse(text) as Partial<Lock> | null;
    return typeof lock?.host === 'string' && typeof lock.pid === 'number' ? (lock as Lock) : undefined;
  } catch {
    return undefined;
  }
}

/** Puts the file under its name, unless there is one. */
async function create(file: string, lock: Lock): Promise<void> {
  const temporary = temporaryFor(file);
  try {
    await writeFile(temporary, textOf(lock), { flag: 'wx' });
    await link(temporary, file).catch((error: NodeJS.ErrnoException) => {
      if (!LINKLESS.has(error.code!)) throw error;
      return writeFile(file, textOf(lock), { flag: 'wx' });
    });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw unwritable(file, error);
    await refuseBroken(file);
  } finally {
    await rm(temporary, { force: true });
  }
}

/** A link that leads nowhere: no lock can be read there, nor put there. */
async function refuseBroken(file: string): Promise<void> {
  const there = await lstat(file).catch(() => undefined);
  if (there?.isSymbolicLink() && !existsSync(file))
    throw new InputError(`${file} is a link to what is not there, and no lock: remove it`);
}

/** What file systems say that have no links. */
const LINKLESS = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS']);

async function replace(file: string, lock: Lock): Promise<void> {
  const temporary = temporaryFor(file);
  try {
    await writeFile(temporary, textOf(lock), { flag: 'wx' });
    await rename(temporary, file);
  } catch (error) {
    throw unwritable(file, error);
  } finally {
    await rm(temporary, { force: true });
  }
}

/** At exit too, when nothing can be awaited. */
function release(file: string, { id }: Lock): void {
  try {
    if (parse(readFileSync(file, 'utf8'))?.id === id) rmSync(file, { force: true });
  } catch {
    // It is gone, with its folder perhaps.
  }
}

const textOf = (lock: Lock) => `${JSON.stringify(lock)}\n`;
