import fs from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { say } from './shell.mjs';

/** One setup at a time; a lock whose process is gone is taken over. Returns the function that unlocks. */
export async function lock(file) {
  for (let told = false; ;) {
    try {
      fs.writeFileSync(file, String(process.pid), { flag: 'wx' });
      return () => fs.rmSync(file, { force: true });
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    if (!isHeld(file)) fs.rmSync(file, { force: true });
    else {
      if (!told) say('Waiting for another setup to finish');
      told = true;
      await sleep(500);
    }
  }
}

function isHeld(file) {
  try {
    const age = Date.now() - fs.statSync(file).mtimeMs; // ms
    const pid = Number(fs.readFileSync(file, 'utf8'));
    if (!pid) return age < 2000; // being written just now
    if (age > 3 * 3600_000) return false; // some other process has that number by now
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}
