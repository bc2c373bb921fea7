/**
 * Kills the program, fills its disk and starts it six times at once, and sees whether anything is lost:
 *   npm run kills -- [--only train,predict] [--points 40|all] [--after 200] [--match report.html] [--kills 50] [--sizes 60] [--rounds 100] [--seed 1]
 * points: crash points of each command (calls that change the disk), so many or all; the first ones are one of each
 * kind, which is an operation and a file's name, then a second one of each (points.mjs), after: leaving out so many of them,
 * which an earlier call has tried; with match only those whose kind has this text; kills: at random moments; sizes: of the disk; rounds: of six processes on one folder. After a fault the command is started again:
 * it must end well, with the same files to the bit as an unbroken one, and nothing beside them. Exits with 1 where
 * it does not; the folders of such cases stay and are named. Needs `npm run build`.
 */
import { spawn, spawnSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { crashPoints, kindsIn } from './points.mjs';
import { resultOf, scenarios } from './scenarios.mjs';

const text = (value) => ({ type: 'string', default: value });
const { values: options } = parseArgs({
  options: {
    only: text(Object.keys(scenarios).join(',')),
    points: text('40'),
    after: text('0'),
    match: text(''),
    kills: text('10'),
    sizes: text('20'),
    rounds: text('5'),
    seed: text('1'),
  },
});
const program = join(import.meta.dirname, '../../bin/meddoprof.js');
const preload = join(import.meta.dirname, 'faults.mjs');
const home = mkdtempSync(join(tmpdir(), 'meddoprof-kills-'));
const faults = [];
let cases = 0;
let random = Number(options.seed);
const draw = () => (random = (random * 48271) % 2147483647) / 2147483647;

/** Runs the program in a folder, with a fault, or killed after some milliseconds. */
function run(folder, args, { fault, after } = {}) {
  const environment = fault && {
    FAULT: JSON.stringify({ root: folder, ...fault }),
    NODE_OPTIONS: `--import=${preload}`,
  };
  const started = Date.now();
  const child = spawn(process.execPath, [program, ...args], {
    cwd: folder,
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let stderr = '';
  child.stderr.setEncoding('utf8').on('data', (some) => (stderr += some));
  if (after !== undefined) setTimeout(() => child.kill('SIGKILL'), after);
  return new Promise((done) =>
    child.on('close', (status, signal) =>
      done({ status, signal, stderr, milliseconds: Date.now() - started }),
    ),
  );
}

/** Trainings that outlive a killed experiment end by themselves: no process is at work in the folder. */
async function untilQuiet(folder) {
  const isThere = (pid) => {
    try {
      return readlinkSync(`/proc/${pid}/cwd`) === folder;
    } catch {
      return false; // it has ended
    }
  };
  while (readdirSync('/proc').some((name) => /^\d+$/.test(name) && isThere(name))) await sleep(200);
}

/** What is not as in the unbroken run, as a sentence; undefined where all is. */
function difference(expected, folder) {
  const found = resultOf(folder);
  const lacking = [...expected.keys()].filter((name) => !found.has(name));
  const more = [...found.keys()].filter((name) => !expected.has(name));
  const other = [...expected.keys()].filter(
    (name) => found.has(name) && found.get(name) !== expected.get(name),
  );
  const parts = { lacking, more, other };
  const told = Object.entries(parts).flatMap(([what, names]) => (names.length ? `${what}: ${names.slice(0, 5).join(', ')}` : [])); // prettier-ignore
  return told.length ? told.join('; ') : undefined;
}

function judge(name, folder, problem) {
  if (++cases % 50 === 0) process.stderr.write(`${cases} cases, faults: ${faults.length}\n`);
  if (problem === undefined) return rmSync(folder, { recursive: true });
  faults.push(`${name}: ${problem} (${folder})`);
  process.stderr.write(`FAULT ${faults.at(-1)}\n`);
}

async function prepared(name, given) {
  const folder = mkdtempSync(join(home, `${name}-`));
  scenarios[name].prepare(folder, given);
  return folder;
}

/** One fault and what comes after it. `isRight` judges how the faulty one ended. */
async function tryFault(name, given, expected, label, how, isRight = () => undefined) {
  const folder = await prepared(name, given);
  const { command, again, isDone } = scenarios[name];
  const broken = await run(folder, command(folder), how);
  await untilQuiet(folder);
  let problem = isRight(broken, scenarios[name].tells);
  const goneOn = problem === undefined ? await run(folder, again(folder)) : undefined;
  if (goneOn && goneOn.status !== 0 && !isDone?.test(goneOn.stderr))
    problem = `started again it ends with ${goneOn.status}: ${goneOn.stderr.slice(-300)}`;
  judge(`${name}, ${label}`, folder, problem ?? difference(expected, folder));
}

const isOneSentence = ({ status, stderr }, tells) => {
  if (status === 0) return undefined; // there was room
  if (status === 1 && tells?.test(stderr) && !/\n\s+at |unexpected/i.test(stderr)) return undefined;
  const lines = stderr.split('\n').filter((line) => line.startsWith('error: '));
  if (status === 1 && lines.length === 1 && !/\n\s+at |unexpected/i.test(stderr)) return undefined;
  return `a full disk is told by status ${status}: ${stderr.slice(-400)}`;
};

async function faultsOf(name, given) {
  const unbroken = await prepared(name, given);
  const counted = join(home, `${name}-count`);
  const { status, stderr, milliseconds } = await run(unbroken, scenarios[name].command(unbroken), { fault: { count: counted } }); // prettier-ignore
  if (status !== 0) throw new Error(`${name} fails without a fault: ${stderr}`);
  const expected = resultOf(unbroken);
  const processes = readdirSync(home).filter((file) => file.startsWith(`${name}-count.`)).map((file) => JSON.parse(readFileSync(join(home, file)))); // prettier-ignore
  const written = Math.max(...processes.map((counted) => counted.written));
  const all = crashPoints(processes, draw);
  const meant = all.filter(({ kind }) => kind.includes(options.match));
  const [first, count] = [
    Number(options.after),
    options.points === 'all' ? Infinity : Number(options.points),
  ];
  const points = meant.slice(first, first + count);
  process.stderr.write(
    `${name}: ${points.length} of ${all.length} crash points, of ${kindsIn(points)} of ${kindsIn(all)} kinds; ${written} bytes, ${milliseconds} ms\n`,
  );
  for (const { kind, ...point } of points)
    await tryFault(name, given, expected, `killed at call ${point.kill} (${kind})`, { fault: point });
  for (let i = 0; i < Number(options.kills); i++) {
    const after = Math.round(draw() * milliseconds);
    await tryFault(name, given, expected, `killed after ${after} ms`, { after });
  }
  for (let i = 0; i < Number(options.sizes); i++) {
    const bytes = Math.floor(i % 2 ? written * draw() : written ** draw());
    await tryFault(name, given, expected, `a disk of ${bytes} bytes`, { fault: { bytes } }, isOneSentence);
  }
  return unbroken;
}

/** Six at once: one works, five say that it does. */
async function crowds(given) {
  for (let round = 0; round < Number(options.rounds); round++) {
    const name = round % 2 ? 'predict' : 'train';
    const folder = await prepared(name, given);
    const stale = join(folder, name === 'train' ? 'run/lock.json' : 'predictions/.norm.tsv.lock');
    if (round % 4 < 2) leaveLock(stale);
    const ends = await Promise.all(
      [1, 2, 3, 4, 5, 6].map(() => run(folder, scenarios[name].command(folder))),
    );
    const refused = ends.filter(({ status, stderr }) => status === 2 && /^error: .*(has been|exists already|is not empty|holds predictions)/m.test(stderr)); // prettier-ignore
    const worked = ends.filter(({ status }) => status === 0);
    const isRight = worked.length === 1 && refused.length === 5;
    judge(`six of ${name}, round ${round}`, folder, isRight ? undefined : ends.map(({ status, stderr }) => `${status} ${stderr.slice(-200)}`).join(' | ')); // prettier-ignore
  }
}

function leaveLock(file) {
  mkdirSync(join(file, '..'), { recursive: true });
  const { pid } = spawnSync(process.execPath, ['-e', '']);
  writeFileSync(
    file,
    JSON.stringify({ host: hostname(), pid, ticks: null, job: null, id: 'dead', since: '' }),
  );
}

const started = Date.now();
const trained = await prepared('train', {});
await run(trained, scenarios.train.command());
const given = { trained: join(trained, 'run') };
for (const name of options.only.split(',')) await faultsOf(name, given);
await crowds(given);
const minutes = ((Date.now() - started) / 60_000).toFixed(1);
process.stdout.write(`${cases} cases in ${minutes} minutes, ${faults.length} faults\n${faults.map((fault) => `${fault}\n`).join('')}`); // prettier-ignore
if (faults.length === 0) rmSync(home, { recursive: true });
process.exitCode = faults.length === 0 ? 0 : 1;
