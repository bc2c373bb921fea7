import { readFileSync, rmSync } from 'node:fs';
import { readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { UsageError } from '../errors.js';

/** Who trains in a run's folder: the content of its lock.json. */
export interface Lock {
  host: string;
  pid: number;
  /** When the process started, in the kernel's ticks: numbers of processes come again. Null but on Linux. */
  ticks: number | null;
  /** The task of Slurm that the process belongs to: its requeued successor takes the lock over. */
  job: string | null;
  since: string;
}

/**
 * Locks a run's folder for this process; the lock of a process that is dead is taken over. Returns the
 * function that unlocks, which also happens when the process exits.
 * @throws UsageError where another process trains in it, or did on another host, with what to do
 */
export async function lockRun(file: string): Promise<() => void> {
  const { pid } = process;
  const lock: Lock = { ...{ host: hostname(), pid, ticks: ticksOf(pid), job: slurmTask() }, since: now() };
  while (!(await create(file, lock))) {
    const holder = await readLock(file);
    if (holder && isHeld(holder) && !isRequeued(lock, holder)) throw new UsageError(refusal(holder, file));
    await removeStale(file, holder);
  }
  const unlock = () => {
    process.off('exit', unlock);
    rmSync(file, { force: true });
  };
  process.on('exit', unlock);
  return unlock;
}

/** The lock of a folder, or nothing. */
export async function readLock(file: string): Promise<Lock | undefined> {
  for (;;) {
    const text = await readFile(file, 'utf8').catch(() => undefined);
    if (text === undefined) return undefined;
    try {
      return JSON.parse(text) as Lock;
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

/** Whether a lock of another host is of this task of Slurm, which has been put back into the queue since. */
function isRequeued(lock: Lock, holder: Lock): boolean {
  return holder.host !== lock.host && lock.job !== null && holder.job === lock.job;
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

function refusal({ host, pid, since }: Lock, file: string): string {
  return host === hostname()
    ? `process ${pid} has been training in this folder since ${since}: wait for it, or stop it (${file})`
    : `process ${pid} on ${host} has been training in this folder since ${since}: if it no longer runs there, remove ${file}`;
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

function slurmTask(): string | null {
  const { SLURM_ARRAY_JOB_ID: array, SLURM_ARRAY_TASK_ID: task, SLURM_JOB_ID: job } = process.env;
  return array && task ? `${array}_${task}` : (job ?? null);
}

function now(): string {
  return new Date().toISOString();
}
