import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = path.dirname(path.dirname(path.dirname(fileURLToPath(import.meta.url))));
/** Whether a project has it as a package; else it is the project. */
export const isInstalled = path.basename(path.dirname(root)) === 'node_modules';

/** What runs this again. */
export const again = isInstalled ? 'npx meddoprof setup' : 'npm run setup';

export const native = path.join(root, '.native');
const log = path.join(native, 'setup.log');

/** A reason why the engine cannot be built, for people. `slow`: finding out took long, so it is remembered. */
export class SetupError extends Error {
  constructor(message, slow = false) {
    super(message);
    this.slow = slow;
  }
}

/** Runs a program with its output in the log; true where it ended well. */
export function run(command, args, options = {}) {
  const file = fs.openSync(log, 'a');
  try {
    fs.writeSync(file, `\n$ ${[command, ...args].join(' ')}\n`);
    const result = spawnSync(command, args, { ...options, stdio: ['ignore', file, file] });
    if (result.error) fs.writeSync(file, `${result.error.message}\n`);
    return result.status === 0;
  } finally {
    fs.closeSync(file);
  }
}

export const answers = (command, args) =>
  spawnSync(command, args, { stdio: 'ignore', timeout: 60_000 }).status === 0;

export function logTail() {
  const lines = fs.readFileSync(log, 'utf8').trim().split('\n');
  const error = lines.findLast((line) => /\berror\b/i.test(line)) ?? lines.at(-1);
  return `The last error was: ${error.trim().slice(0, 300)} (all of it in ${path.relative(process.cwd(), log)}).`;
}

export function readJson(file) {
  try {
    return JSON.parse(fs.readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

export function writeJson(file, value) {
  fs.writeFileSync(`${file}.tmp`, `${JSON.stringify(value)}\n`);
  fs.renameSync(`${file}.tmp`, file);
}

export function say(line) {
  process.stderr.write(`${line}\n`);
}

/** Appends to the log what a program said that was not run with its output there. */
export function record(text) {
  fs.appendFileSync(log, `${text}\n`);
}
