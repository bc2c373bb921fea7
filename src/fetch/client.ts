import { spawn } from 'node:child_process';
import { InputError } from '../errors.js';
import type { Transfer } from './transfer.js';

/** A registry's own client and what to say where it is missing. */
export interface Client {
  /** Tried in this order until one is installed: program and leading arguments. */
  commands: string[][];
  missing: string;
}

/**
 * Runs a registry's client to its end. Registry, mirror, proxy and credentials are as it is set up.
 * @throws InputError where it is not installed or fails: with the line of its output that says why
 */
export async function runClient(
  { commands, missing }: Client,
  args: string[],
  what: string,
  { environment, signal }: Pick<Transfer, 'environment' | 'signal'>,
): Promise<void> {
  for (const [program, ...leading] of commands) {
    const outcome = await run(program!, [...leading, ...args], environment, signal);
    if (outcome === 'not installed') continue;
    if (outcome.status === 0) return;
    throw new InputError(`${program} could not get ${what}: ${reasonIn(outcome.output)}`);
  }
  throw new InputError(missing);
}

function run(program: string, args: string[], env: NodeJS.ProcessEnv, signal: AbortSignal) {
  return new Promise<{ status: number | null; output: string } | 'not installed'>((done, failed) => {
    const child = spawn(program, args, { env, signal, stdio: ['ignore', 'pipe', 'pipe'] });
    let output = '';
    const collect = (chunk: Buffer) => {
      output = (output + chunk.toString()).slice(-20_000);
    };
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    child.on('error', (error: NodeJS.ErrnoException) =>
      error.code === 'ENOENT' ? done('not installed') : failed(error),
    );
    child.on('close', (status) => done({ status, output }));
  });
}

/** The first line that mvn, npm or pip marks as an error, else the last line. */
function reasonIn(output: string): string {
  const escapes = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*m`, 'g');
  const lines = output
    .replace(escapes, '')
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);
  const marked = lines.filter((line) => /^(\[?ERROR\]?|npm (error|ERR!))/i.test(line));
  const telling =
    marked.find((line) => !/^npm (error|ERR!) code /i.test(line)) ?? lines.at(-1) ?? 'it did not say why';
  return telling
    .replace(/^(\[?ERROR\]?:?|npm (error|ERR!))\s*/i, '')
    .replace(/^Failed to execute goal .* on project \S+: /, '');
}
