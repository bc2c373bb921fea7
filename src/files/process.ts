import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';

/** Which process something belongs to, whatever becomes of its number. */
export interface ProcessId {
  host: string;
  pid: number;
  /** When it started, in the kernel's ticks: numbers of processes come again. Null but on Linux. */
  ticks: number | null;
}

export function thisProcess(): ProcessId {
  const { pid } = process;
  return { host: hostname(), pid, ticks: ticksOf(pid) };
}

/** Whether a process lives, or may: nobody can tell of one on another host. */
export function mayLive({ host, pid, ticks }: ProcessId): boolean {
  if (host !== hostname()) return true;
  try {
    process.kill(pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') return false;
  }
  return ticks === null || ticksOf(pid) === ticks;
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
