import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { formatConfig } from '../../src/config/format.js';
import { builtProgram, type Ended, runBuilt } from './builtProgram.js';
import { type ConfigParts, tinyRun } from './tinyRun.js';

/** A run in the JSON of `train EXPERIMENT --json`. */
export interface ShownRun {
  name: string;
  folder: string;
  state: string;
  did: string;
  reason?: string;
  log?: string;
  f1?: Record<string, number>;
}

/** Writes a tiny corpus, `tiny.yaml` for it, and an experiment file, whose path is returned. */
export async function writeExperiment(
  folder: string,
  text: string,
  changes: ConfigParts = {},
  documents = 8,
): Promise<string> {
  const { config } = await tinyRun(folder, { training: { epochs: { count: 1, rate: 1e-3 } }, ...changes }, documents); // prettier-ignore
  writeFileSync(join(folder, 'tiny.yaml'), formatConfig(config));
  writeFileSync(join(folder, 'words.yaml'), text);
  return join(folder, 'words.yaml');
}

/** Runs `train EXPERIMENT --json` in a process; the runs are in `runs/` beside the file. */
export async function runExperimentFile(
  file: string,
  ...options: string[]
): Promise<Ended & { runs: Record<string, ShownRun> }> {
  const ended = await runBuilt(['train', file, '--out', join(file, '../runs'), '--json', ...options]);
  const { runs } = ended.stdout ? (JSON.parse(ended.stdout) as { runs: ShownRun[] }) : { runs: [] };
  return { ...ended, runs: Object.fromEntries(runs.map((run) => [run.name, run])) };
}

/** The same, with an action at the first line of progress that matches. */
export function interruptExperiment(
  file: string,
  at: RegExp,
  action: (pid: number) => void,
  ...options: string[]
): Promise<Omit<Ended, 'signal'>> {
  const args = ['train', file, '--out', join(file, '../runs'), ...options];
  const child = spawn(process.execPath, [builtProgram, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  const written = { stdout: '', stderr: '' };
  let done = false;
  child.stdout.setEncoding('utf8').on('data', (text: string) => (written.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    written.stderr += text;
    if (done || !at.test(written.stderr)) return;
    done = true;
    action(child.pid!);
  });
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status) => resolve({ status, ...written }));
  });
}
