/**
 * Loaded before the program: the process sends itself a signal right before a call of node:fs/promises,
 * or in the middle of one that writes, so that a test can cut it off at the worst moment.
 */
import fs from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';

const { signal, call, path, time = 1 } = JSON.parse(process.env.INTERRUPT_AT);
let calls = 0;

function isDue(file) {
  return new RegExp(path).test(file) && ++calls === time;
}

function interrupt() {
  process.kill(process.pid, signal);
  if (signal === 'SIGKILL') Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0); // till it takes effect
}

if (call === 'write') {
  const { open } = fs;
  fs.open = async (file, ...rest) => {
    const handle = await open(file, ...rest);
    if (!isDue(file)) return handle;
    const write = handle.write.bind(handle);
    handle.write = async (bytes, at, length) => {
      await write(bytes, at, length >> 1);
      return interrupt();
    };
    return handle;
  };
} else {
  const original = fs[call];
  fs[call] = async (from, to, ...rest) => {
    if (isDue(call === 'rename' || call === 'link' ? to : from)) interrupt();
    return original(from, to, ...rest);
  };
}
syncBuiltinESMExports();
