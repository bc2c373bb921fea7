/**
 * Stops the program by SIGTERM at random moments of every phase of `train`, `predict`, `normalize` and `pretrain`, and goes on:
 *   npm run stops -- [--only train,predict] [--times 10] [--seed 1] [--seconds 20]
 * A command is stopped at any moment, then once in each phase, gone on with after each, and left to its end: so often
 * that every phase has been stopped so many times. A stop must end it within so many seconds, with status 130 and how to
 * go on, and the files at the end be those of an unbroken run, to the bit. Exits with 1 where something was otherwise;
 * the folders of that stay and are named. Needs `npm run build`.
 */
import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { randomFrom } from './fuzz/mutate.mjs';
import { resultOf } from './scenarios.mjs';
import { commands } from './stops/commands.mjs';

const text = (value) => ({ type: 'string', default: value });
const { values } = parseArgs({
  options: {
    only: text(Object.keys(commands).join(',')),
    times: text('10'),
    seed: text('1'),
    seconds: text('20'),
  },
});
const [times, seed, seconds] = [values.times, values.seed, values.seconds].map(Number);
const program = join(import.meta.dirname, '../../bin/meddoprof.js');
const terminal = join(import.meta.dirname, 'stops/terminal.mjs');
const home = mkdtempSync(join(tmpdir(), 'meddoprof-stops-'));
const random = randomFrom(seed);
const share = () => random.int(1_000_000) / 1_000_000;
const faults = [];
const counts = {};
const waits = [];

/** Milliseconds in which the program starts: until it hears signals they just end it. */
const STARTING = 1500;
/** In place of a phase: at any moment. */
const ANYWHERE = 'anywhere';

/**
 * Runs the program in a folder. In the phase `stop.phase`, when some of the time has passed that is left of it by
 * `stop.lengths`, it gets SIGTERM.
 */
function run(folder, name, args, stop) {
  const { phases } = commands[name];
  const child = spawn(process.execPath, ['--import', terminal, program, ...args], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const began = {};
  let [stderr, stopped, last, timer] = ['', undefined, undefined, undefined];
  const send = () => {
    stopped = performance.now();
    child.kill('SIGTERM');
    setTimeout(() => child.kill('SIGKILL'), 3000 * seconds).unref();
  };
  const whole = Object.values(stop?.lengths ?? {}).reduce((sum, length) => sum + length, 0);
  if (stop?.phase === ANYWHERE) timer = setTimeout(send, STARTING + share() * whole);
  child.stderr.setEncoding('utf8').on('data', (some) => {
    stderr += some;
    for (const [phase, pattern] of Object.entries(phases)) {
      const [, done, total] = pattern.exec(some) ?? [];
      if (total === undefined) continue;
      last = { phase, at: performance.now() };
      began[phase] ??= last.at;
      if (phase !== stop?.phase || timer) continue;
      const left = phase === 'validation' ? 1 : 1 - done / total;
      timer = setTimeout(send, share() * left * stop.lengths[phase]);
    }
  });
  return new Promise((resolve) => {
    child.on('close', (status, signal) => {
      clearTimeout(timer);
      const ended = performance.now();
      const wait = stopped === undefined ? undefined : (ended - stopped) / 1000; // s
      resolve({ status, signal, stderr: readable(stderr), began, ended, wait });
    });
  });
}

/** What stays on a terminal: no bars. */
const readable = (shown) =>
  shown.replace(/\x1b\[[0-9;?]*[A-Za-z]|\x1b[78]/g, '\r').split(/[\r\n]+/).filter((line) => !/[█░]/.test(line) && line.trim() !== '').join('\n'); // prettier-ignore

/** How long each phase lasted, in ms. */
function lengthsOf({ began, ended }) {
  const entries = Object.entries(began).sort(([, a], [, b]) => a - b);
  return Object.fromEntries(entries.map(([phase, at], i) => [phase, (entries[i + 1]?.[1] ?? ended) - at]));
}

/** What is wrong with how a stop ended, as a sentence. */
function problemOf({ status, signal, stderr, wait }, phase, folder) {
  if (status !== 130) return `ended with ${signal ?? status} after a stop: ${stderr.slice(-600)}`;
  if (wait > seconds) return `ended ${wait.toFixed(1)} s after a stop`;
  if (stderr === '' && phase === ANYWHERE) return undefined; // it had not begun
  if (!/^Stopping /m.test(stderr)) return `does not say that it stops: ${stderr.slice(-300)}`;
  const said = stderr.slice(stderr.indexOf('Stopping ')).split('\n');
  if (
    said.some((line) => /^\s+at |unexpected|error:/.test(line)) ||
    !/[Gg]o(es)? on|made by/.test(said.at(-1))
  )
    return `says something else than how to go on: ${said.join(' | ').slice(0, 600)}`;
  const locks = readdirSync(folder, { recursive: true }).filter((file) => /(\.lock|lock\.json)$/.test(file));
  return locks.length > 0 ? `leaves ${locks.join(', ')}` : undefined;
}

/** What is not as in the unbroken run, as a sentence. */
function difference(expected, folder) {
  const found = resultOf(folder);
  const other = [...new Set([...expected.keys(), ...found.keys()])].filter(
    (file) => found.get(file) !== expected.get(file),
  );
  return other.length > 0 ? `differs in ${other.length} files: ${other.slice(0, 6).join(', ')}` : undefined;
}

function fault(what, folder) {
  faults.push(`${what} (${folder})`);
  process.stderr.write(`FAULT ${faults.at(-1)}\n`);
}

/** The phases that were not stopped as often yet as they should be. */
function lacking(name) {
  const all = [ANYWHERE, ...Object.keys(commands[name].phases)];
  return all.filter((phase) => (counts[`${name} ${phase}`] ?? 0) < times);
}

/** One command, stopped once in each phase, and left to its end then. */
async function stopThrough(name, number, { expected, lengths, trained }) {
  const { prepare, command, again } = commands[name];
  const folder = join(home, `${name}-${number}`);
  mkdirSync(folder);
  await prepare(folder, trained);
  let args = command(folder);
  for (const phase of [...lacking(name), 'end']) {
    const ended = await run(folder, name, args, phase === 'end' ? undefined : { phase, lengths });
    args = again(folder);
    if (phase !== 'end' && ended.wait !== undefined && ended.status !== 0) {
      const problem = problemOf(ended, phase, folder);
      if (problem) return fault(`${name}, stopped in ${phase}: it ${problem}`, folder);
      counts[`${name} ${phase}`] = (counts[`${name} ${phase}`] ?? 0) + 1;
      waits.push({ name, phase, wait: ended.wait });
      continue;
    }
    if (ended.status !== 0)
      return fault(`${name}, gone on with: it ended with ${ended.signal ?? ended.status}: ${ended.stderr.slice(-600)}`, folder); // prettier-ignore
    const problem = difference(expected, folder); // at its end, or where a stop came too late
    if (problem) return fault(`${name}, stopped and gone on with: it ${problem}`, folder);
    break;
  }
  rmSync(folder, { recursive: true });
}

const started = Date.now();
let trained;
for (const name of ['train', ...values.only.split(',').filter((one) => one !== 'train')]) {
  const folder = join(home, name);
  mkdirSync(folder);
  await commands[name].prepare(folder, trained);
  const unbroken = await run(folder, name, commands[name].command(folder));
  if (unbroken.status !== 0) throw new Error(`${name} fails by itself: ${unbroken.stderr}`);
  if (name === 'train') trained = join(folder, 'run');
  const lengths = lengthsOf(unbroken);
  const told = Object.entries(lengths).map(([phase, length]) => `${phase} ${Math.round(length)}`);
  process.stderr.write(`${name}, ms of each phase: ${told.join(', ')}\n`);
  writeFileSync(join(home, `${name}.err`), unbroken.stderr);
  if (!values.only.split(',').includes(name)) continue;
  const expected = resultOf(folder);
  for (let number = 1; lacking(name).length > 0 && number <= 3 * times; number++) {
    await stopThrough(name, number, { expected, lengths, trained });
    process.stderr.write(`${name} ${number}, faults: ${faults.length}\n`);
  }
}
const longest = waits.sort((a, b) => b.wait - a.wait)[0];
const stops = Object.entries(counts).map(([phase, count]) => `${phase} ${count}`);
process.stdout.write(
  `${waits.length} stops in ${((Date.now() - started) / 60_000).toFixed(1)} minutes (${stops.join(', ')}), ${faults.length} faults\n`,
);
if (longest)
  process.stdout.write(
    `The longest wait after a stop: ${longest.wait.toFixed(1)} s, in ${longest.name}, ${longest.phase}\n`,
  );
for (const one of faults) process.stdout.write(`${one}\n`);
if (faults.length === 0) rmSync(home, { recursive: true });
process.exitCode = faults.length === 0 ? 0 : 1;
