/**
 * Takes a lock as often as it can until its time is over, and often dies with it. A folder that is made while
 * the lock is held, and by whose making two that hold it at once meet, is the witness.
 */
import { mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';

const [module, file, seconds, seed] = process.argv.slice(2);
const { ownLock, tryLock } = await import(pathToFileURL(module).href);
const end = Date.now() + Number(seconds) * 1000;
let random = Number(seed);
const next = () => (random = (random * 48271) % 2147483647) / 2147483647;
let held = 0;
while (Date.now() < end) {
  const { unlock, holder } = await tryLock(file, ownLock());
  if (holder) {
    await sleep(next() * 3);
    continue;
  }
  held++;
  try {
    mkdirSync(`${file}.witness`);
  } catch {
    writeFileSync(`${file}.two`, '');
  }
  await sleep(next() * 2);
  rmdirSync(`${file}.witness`);
  if (next() < 0.3) process.kill(process.pid, 'SIGKILL');
  unlock();
}
process.stdout.write(`${held}\n`);
