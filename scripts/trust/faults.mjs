/**
 * Loaded before the program (NODE_OPTIONS=--import=…): at a call that changes the disk the process dies, or from
 * a number of bytes on the disk is full. FAULT says which, as JSON:
 *   {"root": "/folder", "count": "/file"}  writes what calls there were, and how many bytes, into a file per process
 *   {"root": "/folder", "kill": 12, "half": true, "process": "train …"}
 *                                          dies before the 12th call below the root, or when half of what it writes is
 *                                          written; of several processes the one that was started with these arguments
 *   {"root": "/folder", "bytes": 5000}     has room for so many bytes below the root
 */
import fs from 'node:fs';
import promises from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { relative, resolve } from 'node:path';
import { isMainThread } from 'node:worker_threads';

const { root, bytes = Infinity, count, ...fault } = JSON.parse(process.env.FAULT);
const started = process.argv.slice(2).join(' ').replaceAll(root, '.');
const isMeant = fault.process === undefined || fault.process === started;
const kill = isMeant ? (fault.kill ?? Infinity) : Infinity;
const calls = [];
let written = 0;
const { writeFileSync, writeSync } = fs;

/** Whether a path is one of those that are watched. */
function isBelow(path) {
  const whole = typeof path === 'string' && resolve(path);
  return whole && (whole === root || whole.startsWith(`${root}/`));
}

function die() {
  process.kill(process.pid, 'SIGKILL');
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0); // till it takes effect
}

/** Before a call that changes the disk. */
function step(operation, path) {
  calls.push({ operation, path: relative(root, resolve(path)) });
  if (calls.length >= kill) die();
  if (count && isMainThread) process.off('exit', tell).on('exit', tell); // the last of all
}

const isHalf = () => calls.length + 1 === kill && fault.half;
const lengthOf = (data) => (typeof data === 'string' ? Buffer.byteLength(data) : (data.byteLength ?? 0));

function full(path) {
  const message = `ENOSPC: no space left on device, write '${path}'`;
  return Object.assign(new Error(message), { code: 'ENOSPC', errno: -28, syscall: 'write', path });
}

/** The part of some bytes that there is room for, or that is written before the process dies. */
function partOf(data) {
  const whole = typeof data === 'string' ? Buffer.from(data) : data;
  const room = Math.max(0, bytes - written);
  const most = isHalf() ? whole.byteLength >> 1 : Math.min(room, whole.byteLength);
  return { part: new Uint8Array(whole.buffer, whole.byteOffset, most), isAll: most === whole.byteLength };
}

/** Writes by `write`, or as much of it as the fault lets. */
async function writing(path, data, write) {
  const { part, isAll } = partOf(data);
  if (isAll) {
    step('write', path);
    written += lengthOf(data);
    return write(data);
  }
  if (part.length > 0) await write(part);
  written += part.length;
  step('write', path);
  throw full(path);
}

/** The calls of an open file, by its own path. */
function watchHandle(handle, path) {
  const { write, writeFile, appendFile } = handle;
  handle.write = (data, ...rest) => {
    if (rest.length === 0 || typeof rest[0] === 'object') return writing(path, data, (part) => write.call(handle, part, ...rest)); // prettier-ignore
    const [offset, length = data.byteLength - offset, position] = rest;
    const asked = data.subarray(offset, offset + length);
    return writing(path, asked, (part) => write.call(handle, part, 0, part.byteLength, position));
  };
  handle.writeFile = (data, ...rest) => writing(path, data, (part) => writeFile.call(handle, part, ...rest));
  handle.appendFile = (data, ...rest) => writing(path, data, (part) => appendFile.call(handle, part, ...rest)); // prettier-ignore
  return handle;
}

function watch(module, name, pathOf = (path) => path) {
  const original = module[name];
  module[name] = (...given) => {
    const path = pathOf(...given);
    if (isBelow(path)) step(name, path);
    return original.apply(module, given);
  };
}

for (const name of ['rename', 'link', 'copyFile']) watch(promises, name, (_, to) => to);
for (const name of ['rm', 'rmdir', 'mkdir', 'unlink', 'truncate']) watch(promises, name);
for (const name of ['rmSync', 'mkdirSync', 'unlinkSync', 'writeFileSync']) watch(fs, name);
const { open, writeFile, appendFile, copyFile } = promises;
promises.open = async (path, flags, ...rest) => {
  const reads =
    [undefined, 'r'].includes(flags) || (typeof flags === 'number' && (flags & 3) === fs.constants.O_RDONLY);
  const isWritten = isBelow(path) && !reads;
  if (isWritten) step('open', path);
  const handle = await open(path, flags, ...rest);
  return isWritten ? watchHandle(handle, path) : handle;
};
const wholeFile = (original) => (path, data, options) =>
  isBelow(path)
    ? writing(path, data, (part) => original(path, part, options))
    : original(path, data, options);
promises.writeFile = wholeFile(writeFile);
promises.appendFile = wholeFile(appendFile);
promises.copyFile = async (from, to, ...rest) => {
  const { size } = fs.statSync(from);
  if (!isBelow(to) || written + size <= bytes) {
    written += isBelow(to) ? size : 0;
    return copyFile(from, to, ...rest);
  }
  throw full(to);
};
const { write: writeAsync } = fs; // of streams
fs.write = (fd, data, ...rest) => {
  const path = fs.readlinkSync(`/proc/self/fd/${fd}`);
  const done = rest.at(-1);
  if (!isBelow(path)) return writeAsync(fd, data, ...rest);
  if (written + lengthOf(data) > bytes) return void process.nextTick(done, full(path));
  if (isHalf()) writeSync(fd, partOf(data).part);
  step('write', path);
  written += lengthOf(data);
  return writeAsync(fd, data, ...rest);
};
syncBuiltinESMExports();

/** Written at exit, after what the program still does then. */
function tell() {
  writeFileSync(`${count}.${process.pid}`, JSON.stringify({ process: started, calls, written }));
}
