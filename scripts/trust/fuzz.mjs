/**
 * Runs the built program on thousands of damaged files, of every kind on whole ones first: each run must end soon, in little memory, with a result or one
 * sentence and status 1 or 2, and leave nothing behind or outside of its folders. Most runs share a process, one in
 * `--whole` has its own. The same seed gives the same files. Soon is `--seconds`: more of them on a machine with other work.
 *
 *     npm run build && npm run fuzz -- [--count 2000] [--seed 1] [--only NAME] [--whole 25] [--seconds 20] [--keep]
 *
 * Exit status 1 where something was wrong; the files of it are kept.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { makeWorkspace } from './fuzz/workspace.mjs';
import { targets } from './fuzz/targets.mjs';

const { values } = parseArgs({
  options: {
    count: { type: 'string', default: '2000' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string' },
    whole: { type: 'string', default: '25' },
    seconds: { type: 'string', default: '20' },
    keep: { type: 'boolean', default: false },
  },
});
const [count, seed, whole, seconds] = [values.count, values.seed, values.whole, values.seconds].map(Number);
const MEBIBYTES = 1024;
/** Runs of one process: what they leave in memory is none of the next one's. */
const RUNS = 150;

const root = mkdtempSync(join(tmpdir(), 'meddoprof-fuzz-'));
const faults = [];
const outcomes = { result: 0, sentence: 0, fault: 0 };
try {
  console.error(`Making the files in ${root}…`);
  await makeWorkspace(join(root, 'seed'));
  const chosen = targets.filter(({ name }) => !values.only || name.includes(values.only));
  const jobs = [...chosen.map(({ name, alone }) => ({ name, own: alone })), ...jobsOf(chosen)];
  for (let at = 0; at < jobs.length;) at = await runProcess(jobs, at);
} finally {
  if (!values.keep && faults.length === 0) rmSync(root, { recursive: true, force: true });
}
const names = [...new Set(faults.map(({ name }) => name))];
const byTarget = names.map((name) => `${name} ${faults.filter((one) => one.name === name).length}`);
console.log(
  `${count} damaged files: ${outcomes.result} results, ${outcomes.sentence} sentences, ${outcomes.fault} faults${byTarget.length > 0 ? ` (${byTarget.join(', ')}), kept in ${root}` : ''}`,
);
process.exitCode = faults.length > 0 ? 1 : 0;

/** What is run with something damaged, in turn: targets one after the other, each with a number that its damage is drawn from. */
function jobsOf(chosen) {
  return Array.from({ length: count }, (_, number) => {
    const target = chosen[number % chosen.length];
    return { number, name: target.name, own: target.alone || number % whole === 0 };
  });
}

/** Runs jobs from `at` on in a process of its own, until it has done its share or something is wrong. */
async function runProcess(jobs, at) {
  const place = join(root, 'work');
  rmSync(place, { recursive: true, force: true });
  cpSync(join(root, 'seed'), place, { recursive: true });
  const worker = fork(fileURLToPath(new URL('fuzz/worker.mjs', import.meta.url)), [place, String(seed)], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: '0' },
  });
  const first = at;
  try {
    for (; at < jobs.length && at - first < RUNS; at++) {
      const job = jobs[at];
      const told = await ask(worker, job);
      if (job.number !== undefined || told.outcome === 'fault') outcomes[told.outcome]++;
      if (told.outcome === 'fault') {
        keep(job, told, place);
        if (told.ended) return at + 1; // a fresh process for the next
      }
      if ((at + 1) % 50 === 0) console.error(`${at + 1} of ${jobs.length}, faults: ${faults.length}`);
    }
  } finally {
    const gone = once(worker, 'exit');
    if (worker.exitCode === null && worker.signalCode === null && worker.kill('SIGKILL')) await gone;
  }
  return at;
}

/** What became of one job; the process is ended where it takes too long or too much. */
function ask(worker, job) {
  return new Promise((resolve) => {
    const started = Date.now();
    let begun = {};
    const end = (told) => {
      clearInterval(watch);
      worker.removeAllListeners();
      resolve(told);
    };
    const ended = (why) => {
      worker.kill('SIGKILL');
      end({ ...begun, outcome: 'fault', why, ended: true });
    };
    const watch = setInterval(() => {
      if (Date.now() - started > seconds * 1000) ended(`took longer than ${seconds} s`);
      else if (memoryOf(worker.pid) > MEBIBYTES) ended(`took more than ${MEBIBYTES} MiB`);
    }, 100);
    worker.on('message', (told) => (told.outcome ? end(told) : (begun = told)));
    worker.on('exit', (status, signal) => ended(`ended the process (${signal ?? status})`));
    worker.send(job);
  });
}

function keep(job, { why, args, text, file }, place) {
  const home = join(root, `fault-${job.number ?? job.name.replace(/\W+/g, '-')}`);
  mkdirSync(home, { recursive: true });
  const at = file === undefined ? undefined : join(place, file);
  if (at && existsSync(at)) cpSync(at, join(home, file.replaceAll('/', '_')), { recursive: true });
  faults.push({ name: job.name, why });
  console.error(
    `fault ${job.number ?? 'of the whole'} (${job.name}, ${file ?? '?'}): ${why}\n  ${(args ?? []).join(' ')}\n  ${(text ?? '').slice(0, 600).replaceAll('\n', '\n  ')}`,
  );
}

/** MiB that a process holds. */
function memoryOf(pid) {
  try {
    return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024;
  } catch {
    return 0; // not on this system, or it has ended
  }
}
