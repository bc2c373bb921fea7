import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { ownLock } from '../../src/files/lock.js';

/** Writes the lock that a process leaves which is killed. */
export function leaveLock(file: string): void {
  const { pid } = spawnSync(process.execPath, ['-e', '']);
  writeFileSync(file, JSON.stringify({ ...ownLock(), pid }));
}
