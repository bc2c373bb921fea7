import { expect, test } from '@jest/globals';
import { spawn } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ownLock, tryLock } from '../../src/files/lock.js';
import { builtProgram } from '../support/builtProgram.js';
import { temporaryFolders } from '../support/temporaryFolder.js';

const folder = temporaryFolders();

test('a lock is held once, however many processes take it, and die with it', async () => {
  const module = join(dirname(builtProgram), '../dist/files/lock.js');
  const script = join(import.meta.dirname, '../support/lockUser.mjs');
  const file = join(folder(), 'lock');
  const end = Date.now() + 6000;
  let taken = 0;
  const user = async (seed: number) => {
    while (Date.now() < end) {
      seed += 100;
      const child = spawn(process.execPath, [script, module, file, '1', String(seed)]);
      const signal = await new Promise((done) => child.on('close', (_, how) => done(how)));
      taken += signal === 'SIGKILL' ? 1 : 0;
    }
  };
  await Promise.all([1, 2, 3, 4, 5, 6].map(user));
  expect(taken).toBeGreaterThan(5);
  expect(existsSync(`${file}.two`)).toBe(false);
}, 300_000); // of a hang

test('a lock is removed by its owner only', async () => {
  const file = join(folder(), 'lock');
  const { unlock } = await tryLock(file, ownLock());
  const others = JSON.stringify({ ...ownLock(), host: 'node-7' });
  writeFileSync(file, others); // the task was put back into the queue, and runs there by now
  unlock!();
  expect(readFileSync(file, 'utf8')).toBe(others);
});
