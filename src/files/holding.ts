import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Context } from '../context.js';
import { Interrupted, UsageError } from '../errors.js';
import { ownLock, tryLock, type Lock } from './lock.js';

/**
 * Locks a file's name for this process. Returns the function that unlocks, which also happens when the process
 * exits. `doing` says what for: "training in this folder".
 * @throws UsageError where another process has it, or had it on another host, with what to do
 */
export async function lockOrRefuse<T extends Lock = Lock>(
  file: string,
  doing: string,
  { own = ownLock() as T, yields }: { own?: T; yields?: (holder: T) => boolean } = {},
): Promise<() => void> {
  const locking = await tryLock(file, own, yields);
  if (locking.unlock) return locking.unlock;
  const { host, pid, since } = locking.holder;
  throw new UsageError(
    host === hostname()
      ? `process ${pid} has been ${doing} since ${since}: wait for it, or stop it (${file})`
      : `process ${pid} on ${host} has been ${doing} since ${since}: if it no longer runs there, remove ${file}`,
  );
}

/** Whom to tell, and what ends the waiting. */
type Waiting = Pick<Context, 'notice'> & Partial<Pick<Context, 'signal'>>;

/**
 * Does some work under a lock, a file of this name, and waits while another process has it. People are told
 * once for whom it waits, and that it has been `doing` something: "fetching into the same folder".
 */
export async function withLock<T>(
  file: string,
  doing: string,
  context: Waiting,
  work: () => Promise<T>,
): Promise<T> {
  const unlock = await lockWaiting(file, doing, context);
  try {
    return await work();
  } finally {
    unlock();
  }
}

/** The same for work that is no one function's: returns the function that unlocks. */
export async function lockWaiting(
  file: string,
  doing: string,
  { signal, notice }: Waiting,
): Promise<() => void> {
  for (let told = false; ; told = true) {
    const locking = await tryLock(file, ownLock());
    if (locking.unlock) return locking.unlock;
    if (signal?.aborted) throw new Interrupted(`Stopped while process ${locking.holder.pid} held ${file}`);
    if (!told) notice(waiting(locking.holder, doing, file));
    await sleep(200); // ms
  }
}

function waiting({ pid, host, since }: Lock, doing: string, file: string): string {
  const where = host === hostname() ? '' : ` on ${host}`;
  const advice = where && `; if it no longer runs there, remove ${file}`;
  return `Waiting for process ${pid}${where}, which has been ${doing} since ${since}${advice}`;
}
