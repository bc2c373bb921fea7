import { spawn } from 'node:child_process';
import { join } from 'node:path';

/** The program as people run it, for tests called `*.built.test.ts`: before these everything is built. */
export const builtProgram = join(import.meta.dirname, '../../bin/meddoprof.js');

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
  const child = spawn(process.execPath, [...options, builtProgram, ...args], {
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
