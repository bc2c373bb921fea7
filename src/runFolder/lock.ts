import { readdir } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname, join } from 'node:path';
import { lockOrRefuse } from '../files/holding.js';
import { ownLock, readLock, type Lock } from '../files/lock.js';
import { mayLive } from '../files/process.js';
import { removeLeftovers } from '../files/temporary.js';

/** Who trains in a run's folder: the content of its lock.json. */
export interface RunLock extends Lock {
  /** The task of Slurm that the process belongs to, and how often it had been requeued by then: a later one takes the lock over. */
  job: string | null;
  restarts?: number;
}

/**
 * Locks a run's folder for this process; the lock of a process that is dead is taken over, and what killed ones have left in
 * the folder is removed. Returns the function that unlocks, which also happens when the process exits.
 * @throws UsageError where another process trains in it, or did on another host, with what to do
 */
export async function lockRun(file: string): Promise<() => void> {
  const own: RunLock = { ...ownLock(), job: slurmTask(), restarts: slurmRestarts() };
  const unlock = await lockOrRefuse(file, 'training in this folder', { own, yields: isRequeued });
  try {
    await removeLeftovers(...(await foldersIn(dirname(file))));
    return unlock;
  } catch (error) {
    unlock();
    throw error;
  }
}

/** A folder and all that are in it. */
async function foldersIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const inside = entries.filter((entry) => entry.isDirectory());
  return [folder, ...inside.map((entry) => join(entry.parentPath, entry.name))];
}

/** Who trains in a folder, by its lock; `held` where nobody else may. Nothing where there is no lock. */
export async function runHolder(file: string): Promise<{ holder: RunLock; held: boolean } | undefined> {
  const holder = await readLock<RunLock>(file);
  return holder && { holder, held: mayLive(holder) && !isRequeued(holder) };
}

/** Whether a lock is of this task of Slurm on another host, and the task has been put back into the queue since: one job may have several. */
function isRequeued({ host, job, restarts = 0 }: RunLock): boolean {
  return host !== hostname() && job !== null && job === slurmTask() && restarts < slurmRestarts();
}

/** Slurm sets it once a job has been started anew. */
const slurmRestarts = () => Number(process.env.SLURM_RESTART_COUNT ?? 0);

function slurmTask(): string | null {
  const { SLURM_ARRAY_JOB_ID: array, SLURM_ARRAY_TASK_ID: task, SLURM_JOB_ID: job } = process.env;
  return array && task ? `${array}_${task}` : (job ?? null);
}
