import { rmSync } from 'node:fs';
import { hostname } from 'node:os';
import { isHeld, ownLock, readLock, tryLock, type Lock } from '../files/lock.js';
import { UsageError } from '../errors.js';

/** Who trains in a run's folder: the content of its lock.json. */
export interface RunLock extends Lock {
  /** The task of Slurm that the process belongs to: its requeued successor takes the lock over. */
  job: string | null;
}

/**
 * Locks a run's folder for this process; the lock of a process that is dead is taken over. Returns the
 * function that unlocks, which also happens when the process exits.
 * @throws UsageError where another process trains in it, or did on another host, with what to do
 */
export async function lockRun(file: string): Promise<() => void> {
  const lock: RunLock = { ...ownLock(), job: slurmTask() };
  const holder = await tryLock(file, lock, isRequeued);
  if (holder) throw new UsageError(refusal(holder, file));
  const unlock = () => {
    process.off('exit', unlock);
    rmSync(file, { force: true });
  };
  process.on('exit', unlock);
  return unlock;
}

/** Who trains in a folder, by its lock; `held` where nobody else may. Nothing where there is no lock. */
export async function runHolder(file: string): Promise<{ holder: RunLock; held: boolean } | undefined> {
  const holder = await readLock<RunLock>(file);
  return holder && { holder, held: isHeld(holder) && !isRequeued(holder) };
}

/** Whether a lock is of this task of Slurm on another host, and the task has been put back into the queue since. */
function isRequeued({ host, job }: RunLock): boolean {
  return host !== hostname() && job !== null && job === slurmTask();
}

function refusal({ host, pid, since }: Lock, file: string): string {
  return host === hostname()
    ? `process ${pid} has been training in this folder since ${since}: wait for it, or stop it (${file})`
    : `process ${pid} on ${host} has been training in this folder since ${since}: if it no longer runs there, remove ${file}`;
}

function slurmTask(): string | null {
  const { SLURM_ARRAY_JOB_ID: array, SLURM_ARRAY_TASK_ID: task, SLURM_JOB_ID: job } = process.env;
  return array && task ? `${array}_${task}` : (job ?? null);
}
