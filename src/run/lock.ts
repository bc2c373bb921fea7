import { rmSync } from 'node:fs';
import { hostname } from 'node:os';
import { ownLock, tryLock, type Lock } from '../data/lock.js';
import { UsageError } from '../errors.js';

export { isHeld, readLock, type Lock } from '../data/lock.js';

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
  const holder = await tryLock(file, lock, (other) => isRequeued(lock, other));
  if (holder) throw new UsageError(refusal(holder, file));
  const unlock = () => {
    process.off('exit', unlock);
    rmSync(file, { force: true });
  };
  process.on('exit', unlock);
  return unlock;
}

/** Whether a lock of another host is of this task of Slurm, which has been put back into the queue since. */
function isRequeued(lock: RunLock, holder: RunLock): boolean {
  return holder.host !== lock.host && lock.job !== null && holder.job === lock.job;
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
