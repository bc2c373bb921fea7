import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, type WriteStream } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import { finished } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';
import { plain } from '../config/tree.js';
import { InputError } from '../errors.js';
import { reason } from '../files/reason.js';
import type { ExperimentRun } from './load.js';

/** A training in a process of its own, which writes to its log. */
export interface Child {
  process: ChildProcess;
  /** When it has ended and its log is whole. */
  ended: Promise<ChildEnd>;
}

export interface ChildEnd {
  status: number | null;
  signal: NodeJS.Signals | null;
  /** What it said was wrong, where it said so. */
  error: string | undefined;
}

const program = fileURLToPath(new URL('../../bin/meddoprof.js', import.meta.url));

/** The arguments of the command that makes a run: what a person could type, too. */
export function commandOf(run: ExperimentRun, resume: boolean, set: string[]): string[] {
  const own = run.settings.map(({ key, value }) => `${key}=${JSON.stringify(plain(value))}`);
  const settings = [...own, ...set].flatMap((setting) => ['--set', setting]);
  return ['train', run.config, resume ? '--resume' : '--out', run.folder, ...settings];
}

/** Opens the log of a run, to write at its end. @throws InputError where it cannot be written */
export async function openLog(log: string): Promise<WriteStream> {
  try {
    await mkdir(dirname(log), { recursive: true });
    const file = createWriteStream(log, { flags: 'a' });
    await once(file, 'open');
    return file;
  } catch (error) {
    throw new InputError(`the log ${log} cannot be written: ${reason(error)}.`, { cause: error });
  }
}

export interface TrainingOptions {
  log: WriteStream;
  /** Trainings at the same time. */
  jobs: number;
  /** Variables that show it one card. */
  card: NodeJS.ProcessEnv;
  onLine: (line: string) => void;
}

/**
 * Starts the training of a run. It is the leader of a group of its own, so that Ctrl-C at the terminal
 * reaches it once, from here, and not twice: a second one would stop it without a checkpoint.
 */
export function startTraining(args: string[], { log, jobs, card, onLine }: TrainingOptions): Child {
  log.on('error', (error) => onLine(`its log is not whole: ${reason(error)}`)); // a full disk
  const shown = Object.entries(card).map(([name, value]) => `${name}=${quoted(value!)} `);
  log.write(`$ ${shown.join('')}meddoprof ${args.map(quoted).join(' ')}    # ${new Date().toISOString()}\n`);
  const child = spawn(process.execPath, [program, ...args], {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...threadsOf(jobs), ...process.env, ...card },
  });
  return { process: child, ended: follow(child, log, onLine) };
}

async function follow(
  child: ChildProcess,
  file: WriteStream,
  onLine: (line: string) => void,
): Promise<ChildEnd> {
  let error: string | undefined;
  child.stdout!.on('data', (bytes: Buffer) => file.write(bytes));
  createInterface({ input: child.stderr! }).on('line', (line) => {
    file.write(`${line}\n`);
    if (line.startsWith('error: ')) error = line.slice('error: '.length);
    else if (error !== undefined) error += `\n${line}`; // a config with several mistakes
    onLine(line);
  });
  const [status, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null];
  file.end();
  await finished(file).catch(() => {}); // it was told
  return { status, signal, error };
}

/** The processors shared out among trainings at the same time; TensorFlow reads it once. */
function threadsOf(jobs: number): NodeJS.ProcessEnv {
  if (jobs === 1) return {};
  return { TF_NUM_INTRAOP_THREADS: String(Math.max(1, Math.floor(availableParallelism() / jobs))) };
}

/** As a shell takes it. */
export function quoted(argument: string): string {
  return /^[\w./:=@%+,-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", `'\\''`)}'`;
}
