/** Runs one job after the other in a workspace: damages a file, runs the command, judges, and puts all back. */
import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { damage, randomFrom } from './mutate.mjs';
import { targets } from './targets.mjs';
import { program } from './workspace.mjs';

const [place, seed] = process.argv.slice(2);
const pristine = join(place, '../seed');
const around = dirname(place);
process.chdir(place);
const { runProgram } = await import('meddoprof/internal');
const before = listed(place);
const neighbours = readdirSync(around).sort().join();

process.on('message', (job) => {
  void run(job).then((told) => process.send(told));
});

/** A job without a number is of whole files: it must end with a result, or the target shows nothing. */
async function run({ number, name, own }) {
  const { files, args: given, out = [], most = Infinity } = targets.find((target) => target.name === name);
  const random = randomFrom(Number(seed) * 1_000_003 + (number ?? 0));
  const file = random.pick(before.filter((path) => files.test(path)));
  const args = typeof given === 'function' ? given(file) : given;
  if (number !== undefined) writeFileSync(file, damagedOf(readFileSync(file), random, most));
  process.send({ file, args });
  const { status, text } = await (own ? runWhole(args) : runHere(args));
  const broken =
    number === undefined && status !== 0 ? `status ${status} though nothing is damaged` : undefined;
  const why = broken ?? fault(status, text) ?? leftovers(out, status);
  if (why === undefined) putBack(file, out);
  return { outcome: why ? 'fault' : status === 0 ? 'result' : 'sentence', why, args, text, file, ended: why !== undefined }; // prettier-ignore
}

function damagedOf(bytes, random, most) {
  for (;;) {
    const damaged = damage(bytes, random);
    if (damaged.length <= most) return damaged;
  }
}

/** What a run says on stderr, and its status. */
async function runHere(args) {
  let text = '';
  const { stdout, stderr } = process;
  const writes = [stdout.write, stderr.write];
  stdout.write = () => true;
  stderr.write = (chunk) => (text += chunk).length > 0;
  process.exitCode = 0;
  try {
    const status = await runProgram(args);
    return { status, text };
  } finally {
    [stdout.write, stderr.write] = writes;
    process.exitCode = 0;
  }
}

function runWhole(args) {
  const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'ignore', 'pipe'] });
  let text = '';
  child.stderr.on('data', (bytes) => (text += bytes));
  const end = () => child.kill('SIGKILL');
  process.once('exit', end);
  return new Promise((resolve) => {
    const watch = setInterval(() => {
      if (memoryOf(child.pid) > 1024) child.kill('SIGKILL');
    }, 100);
    child.on('close', (status, signal) => {
      clearInterval(watch);
      process.off('exit', end);
      resolve({ status: status ?? signal, text });
    });
  });
}

function memoryOf(pid) {
  try {
    return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))[1]) / 1024;
  } catch {
    return 0;
  }
}

function fault(status, text) {
  if (![0, 1, 2].includes(status)) return `status ${status}`;
  if (/DEBUG=meddoprof/.test(text)) return 'unexpected';
  if (/^ {4}at /m.test(text)) return 'a stack trace';
  if (/[\0-\x08\x0b-\x1f\x7f\u202e]/.test(text.replaceAll('\r', ''))) return 'control characters';
  const sentences = text.match(/^error: /gm)?.length ?? 0;
  if (status !== 0 && sentences > 1) return `${sentences} sentences`;
  if (status !== 0 && sentences === 0 && text !== '') return 'no sentence';
  return undefined;
}

/** What is there that was not, outside of what the command may make. */
function leftovers(out, status) {
  if (readdirSync(around).sort().join() !== neighbours) return 'something outside of its folder';
  if (existsSync(join(around, '../escaped')) || existsSync(join(around, 'escaped'))) return 'it escaped';
  const made = listed(place).filter((path) => !before.includes(path));
  const isOut = (path) => out.some((one) => path === one || path.startsWith(`${one}/`));
  const strange = made.find((path) => !isOut(path) && !/^(\.cache|runs\/cut)\//.test(path));
  if (strange) return `it made ${strange}`;
  const left = made.find((path) => /(\.tmp|\.part|\.new|\.done|\.old|lock\.json)($|\/)/.test(path));
  if (left) return `it left ${left} (status ${status})`;
  return undefined;
}

function putBack(file, out) {
  for (const path of ['.cache', 'out.part', ...out]) rmSync(path, { recursive: true, force: true });
  for (const path of [file, ...out]) {
    if (!existsSync(join(pristine, path))) continue;
    mkdirSync(dirname(join(place, path)), { recursive: true });
    cpSync(join(pristine, path), join(place, path), { recursive: true, force: true });
  }
}

function listed(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)));
}
