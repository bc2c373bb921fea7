import { afterEach, describe, expect, test } from '@jest/globals';
import { execFileSync, spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { readLock } from '../../src/files/lock.js';
import { mayLive } from '../../src/files/process.js';
import { temporaryFor } from '../../src/files/temporary.js';
import { lockRun, runHolder, type RunLock } from '../../src/runFolder/lock.js';
import { temporaryFolders } from '../support/temporaryFolder.js';

const folder = temporaryFolders();
const children: ChildProcess[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  delete process.env.SLURM_JOB_ID;
  delete process.env.SLURM_RESTART_COUNT;
});

/** A lock.json of another process: one that is running by default, on this host. */
function lockOf(changes: Partial<RunLock> = {}): string {
  const file = join(folder(), 'lock.json');
  const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
  children.push(child);
  const lock = { host: hostname(), pid: child.pid!, ticks: null, job: null, since: '2026-01-02' };
  writeFileSync(file, JSON.stringify({ ...lock, ...changes }));
  return file;
}

describe("a run's lock", () => {
  test('names its process, and goes when it is unlocked', async () => {
    const file = join(folder(), 'lock.json');
    const unlock = await lockRun(file);
    const lock = (await readLock(file))!;
    expect(lock).toMatchObject({ host: hostname(), pid: process.pid });
    expect(mayLive(lock)).toBe(true);
    unlock();
    expect(readdirSync(dirname(file))).toEqual([]);
  });

  test('clears the folder of what killed processes have left in it, and of nothing else', async () => {
    const run = folder();
    mkdirSync(join(run, 'checkpoints', 'best'), { recursive: true });
    const { pid } = spawnSync(process.execPath, ['-e', '']);
    const left = ['lock.json', join('checkpoints', 'best', 'gate.json')].map((name) => {
      const live = temporaryFor(join(run, name));
      writeFileSync(live, 'of a live one');
      writeFileSync(live.replace(`.${process.pid}-`, `.${pid}-`), 'ha');
      return relative(run, live);
    });
    const unlock = await lockRun(join(run, 'lock.json'));
    unlock();
    const files = readdirSync(run, { recursive: true, withFileTypes: true }).filter((one) => one.isFile());
    expect(files.map(({ parentPath, name }) => relative(run, join(parentPath, name))).sort()).toEqual(left.sort()); // prettier-ignore
  });

  test('that is a pipe is an error, and nobody waits for it', async () => {
    const file = join(folder(), 'lock.json');
    execFileSync('mkfifo', [file]);
    await expect(readLock(file)).rejects.toThrow(/lock\.json cannot be read: it is a pipe/);
    await expect(lockRun(file)).rejects.toThrow(/lock\.json cannot be read: it is a pipe/);
  });

  test('of a live process is an error that names it', async () => {
    const file = lockOf();
    const { pid } = (await readLock(file))!;
    await expect(lockRun(file)).rejects.toThrow(
      `process ${pid} has been training in this folder since 2026-01-02: wait for it, or stop it (${file})`,
    );
  });

  test('is held once where several take it at the same time', async () => {
    const file = lockOf({ pid: 2 ** 22 + 1 }); // more than any process has: a stale one to take over
    const results = await Promise.allSettled(Array.from({ length: 8 }, () => lockRun(file)));
    expect(results.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
  });

  test('of a dead process is taken over', async () => {
    const file = lockOf({ pid: 2 ** 22 + 1 });
    await lockRun(file);
    expect((await readLock(file))!.pid).toBe(process.pid);
  });

  const onLinux = existsSync('/proc/self/stat') ? test : test.skip;
  onLinux("of a dead process whose number is another's by now is taken over (seen on Linux)", async () => {
    const file = lockOf({ ticks: 1 });
    await lockRun(file);
    expect((await readLock(file))!.pid).toBe(process.pid);
  });

  test('half written by a process that was killed is taken over', async () => {
    const file = lockOf();
    writeFileSync(file, '{"host"');
    utimesSync(file, 1, 1);
    await lockRun(file);
    expect(JSON.parse(readFileSync(file, 'utf8'))).toMatchObject({ pid: process.pid });
  });

  test('of another host says which file to remove', async () => {
    const file = lockOf({ host: 'node-7' });
    await expect(lockRun(file)).rejects.toThrow(
      new RegExp(`^process \\d+ on node-7 has been training .* if it no longer runs there, remove ${file}$`),
    );
  });

  test('of another host is taken over by the same task of Slurm, which was put back into the queue', async () => {
    process.env.SLURM_JOB_ID = '12';
    process.env.SLURM_RESTART_COUNT = '1';
    await expect(lockRun(lockOf({ host: 'node-7', job: '11' }))).rejects.toThrow('node-7');
    const file = lockOf({ host: 'node-7', job: '12' });
    await lockRun(file);
    expect((await readLock<RunLock>(file))!.job).toBe('12');
    await expect(lockRun(lockOf({ job: '12' }))).rejects.toThrow('wait for it');
  });

  test('of another node of the same job of Slurm, which was started as often, is held', async () => {
    process.env.SLURM_JOB_ID = '12';
    await expect(lockRun(lockOf({ host: 'node-7', job: '12' }))).rejects.toThrow('node-7');
    process.env.SLURM_RESTART_COUNT = '2';
    await expect(lockRun(lockOf({ host: 'node-7', job: '12', restarts: 2 }))).rejects.toThrow('node-7');
    expect(await runHolder(lockOf({ host: 'node-7', job: '12', restarts: 1 }))).toMatchObject({
      held: false,
    });
  });
});
