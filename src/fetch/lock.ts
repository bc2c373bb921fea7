import { rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { ownLock, tryLock, type Lock } from '../files/lock.js';

/**
 * Does some work under a lock, a file of this name, and waits while another process has it. `onWait` is told
 * once for whom it waits.
 */
export async function withLock<T>(
  file: string,
  onWait: (text: string) => void,
  work: () => Promise<T>,
): Promise<T> {
  for (let told = false; ; told = true) {
    const holder = await tryLock(file, ownLock());
    if (!holder) break;
    if (!told) onWait(waiting(holder, file));
    await sleep(200); // ms
  }
  try {
    return await work();
  } finally {
    await rm(file, { force: true });
  }
}

function waiting({ pid, host, since }: Lock, file: string): string {
  const where = host === hostname() ? '' : ` on ${host}`;
  const advice = where && `; if it no longer runs there, remove ${file}`;
  return `Waiting for process ${pid}${where}, which has been fetching into the same folder since ${since}${advice}`;
}
