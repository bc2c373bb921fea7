import { expect, test } from '@jest/globals';
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { mayLive, thisProcess } from '../../src/files/process.js';
import { temporaryFolders } from '../support/temporaryFolder.js';

const folder = temporaryFolders();
const onLinux = existsSync('/proc/self/stat') ? test : test.skip;

test('this process lives, and one that has ended does not', () => {
  const mine = thisProcess();
  expect(mine.pid).toBe(process.pid);
  expect(mayLive(mine)).toBe(true);
  const { pid } = spawnSync(process.execPath, ['-e', '']);
  expect(mayLive({ ...mine, pid, ticks: null })).toBe(false);
});

test('a process may live that is on another host, or that does not say when it started', () => {
  const { pid } = spawnSync(process.execPath, ['-e', '']);
  expect(mayLive({ host: 'elsewhere', pid, ticks: 1 })).toBe(true);
  expect(mayLive({ ...thisProcess(), ticks: null })).toBe(true);
});

onLinux('a number that came again is of another process, which has started at another time', async () => {
  const mine = thisProcess();
  expect(mine.ticks).toBeGreaterThan(0);
  expect(mayLive({ ...mine, ticks: mine.ticks! - 1 })).toBe(false);
  const program = join(folder(), 'a) R 1 2 (b'); // the kernel tells a program's name as it is
  symlinkSync(process.execPath, program);
  const child = spawn(program, ['-e', 'setTimeout(() => {}, 60_000)']);
  try {
    await new Promise((started) => child.once('spawn', started));
    const its = { ...mine, pid: child.pid! };
    expect(mayLive(its)).toBe(false);
    expect(mayLive({ ...its, ticks: null })).toBe(true);
    const since = Array.from({ length: 100 * (process.uptime() + 5) }, (_, i) => mine.ticks! + i); // hundredths of a second
    expect(since.filter((ticks) => mayLive({ ...its, ticks }))).toHaveLength(1);
  } finally {
    child.kill('SIGKILL');
  }
});
