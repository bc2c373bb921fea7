import { execFileSync, spawn } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../..');

/** The program as people run it; built first where the sources are newer than what is built. */
export function builtProgram(): string {
  if (newest(join(root, 'src')) > newest(join(root, 'dist'))) {
    const compiler = join(root, 'node_modules/typescript/bin/tsc');
    try {
      execFileSync(process.execPath, [compiler, '-p', join(root, 'tsconfig.build.json')]);
      execFileSync(process.execPath, [join(root, 'scripts/build-page.mjs')]);
    } catch (error) {
      if (!existsSync(join(root, 'dist/cli/main.js'))) throw error; // else types alone are wrong
    }
  }
  return join(root, 'bin/meddoprof.js');
}

function newest(folder: string): number {
  if (!existsSync(folder)) return 0;
  const files = readdirSync(folder, { recursive: true, withFileTypes: true });
  const times = files
    .filter((entry) => entry.isFile() && /\.([jt]s|css)$/.test(entry.name))
    .map((entry) => statSync(join(entry.parentPath, entry.name)).mtimeMs);
  return Math.max(0, ...times);
}

export interface Ended {
  status: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

/** When a process sends itself a signal: at a call of fs/promises for a path, and which time. */
export interface Interruption {
  signal: 'SIGKILL' | 'SIGINT';
  call: 'rename' | 'link' | 'appendFile' | 'write';
  /** Pattern of the path: of rename the new one, of write that of the open file. */
  path: string;
  /** Which of these calls; the first by default. */
  time?: number;
}

/** Runs the program in a process of its own. */
export function runBuilt(args: string[], interruption?: Interruption): Promise<Ended> {
  const preload = join(import.meta.dirname, 'interrupt.mjs');
  const options = interruption ? ['--import', preload] : [];
  const child = spawn(process.execPath, [...options, builtProgram(), ...args], {
    env: { ...process.env, ...(interruption && { INTERRUPT_AT: JSON.stringify(interruption) }) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const written = { stdout: '', stderr: '' };
  for (const stream of ['stdout', 'stderr'] as const)
    child[stream].setEncoding('utf8').on('data', (text: string) => (written[stream] += text));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status, signal) => resolve({ status, signal, ...written }));
  });
}
