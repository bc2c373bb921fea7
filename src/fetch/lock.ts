import { link, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Does some work under a lock, a file of this name, and waits while another process has it; the lock of a
 * process that is gone is taken over. `onWait` is told once for whom it waits.
 */
export async function withLock<T>(
  file: string,
  onWait: (text: string) => void,
  work: () => Promise<T>,
): Promise<T> {
  await take(file, onWait);
  try {
    return await work();
  } finally {
    await rm(file, { force: true });
  }
}

async function take(file: string, onWait: (text: string) => void): Promise<void> {
  for (let told = false; !(await create(file));) {
    const content = await readFile(file, 'utf8').catch(() => undefined);
    if (content === undefined) continue; // unlocked just now
    const holder = await holderOf(file, content);
    if (holder === undefined) {
      await remove(file, content);
      continue;
    }
    const advice = `if there is no such process any more, remove ${file}`;
    if (!told) onWait(`Waiting for process ${holder}, which fetches into the same folder; ${advice}`);
    told = true;
    await sleep(200);
  }
}

async function create(file: string): Promise<boolean> {
  try {
    await writeFile(file, `${process.pid} ${hostname()}`, { flag: 'wx' });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    return false;
  }
}

/** Who has the lock; undefined where that process is gone. Of one on another host nobody can tell. */
async function holderOf(file: string, content: string): Promise<string | undefined> {
  const [pid, host] = content.split(' ');
  if (!host) {
    const written = await stat(file).catch(() => undefined); // killed, or about to write on
    return written && Date.now() - written.mtimeMs > 2000 ? undefined : 'that begins';
  }
  if (host !== hostname()) return `${pid} on ${host}`;
  try {
    process.kill(Number(pid), 0);
    return pid;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM' ? pid : undefined;
  }
}

/** Removes a lock that is as it was read; one that was taken over in the meantime goes back. */
async function remove(file: string, content: string): Promise<void> {
  const aside = `${file}.${process.pid}`;
  const moved = await rename(file, aside).then(
    () => readFile(aside, 'utf8'),
    () => content,
  );
  if (moved !== content) await link(aside, file).catch(() => undefined);
  await rm(aside, { force: true });
}
