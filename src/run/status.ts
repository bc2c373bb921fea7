import { existsSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { loadConfig } from '../config/load.js';
import type { Config } from '../config/schema.js';
import { InputError } from '../errors.js';
import { expandSchedule } from '../train/schedule.js';
import { readFailure } from './failure.js';
import { runHolder } from './lock.js';
import { readMetrics } from './metrics.js';
import { type RunPaths, runPaths } from './paths.js';
import { ofOtherVersion, recordSchema, type RunRecord } from './record.js';

/**
 * running: its lock is held. finished: all is evaluated. failed: it ended with an error. interrupted: it was
 * stopped or killed, and can go on. unreadable: its files are of another version, or damaged.
 */
export type RunState = 'running' | 'finished' | 'failed' | 'interrupted' | 'unreadable';

/** How a run stands, read from its folder without looking at weights or corpus. */
export interface RunStatus {
  folder: string;
  state: RunState;
  /** Why it failed, where it runs, what cannot be read. */
  reason?: string;
  /** When it was started; undefined where run.json cannot be read. */
  started?: string;
  /** When one of its files last changed. */
  changed: Date;
  step: number;
  epoch: { done: number; of: number | null };
  /** Of the evaluation where it is finished, else of the best epoch so far: per task. */
  f1: Record<string /*task*/, number>;
  record?: RunRecord;
  config?: Config;
}

/** The status of the run in a folder; undefined where there is none. */
export async function readStatus(folder: string): Promise<RunStatus | undefined> {
  const paths = runPaths(folder);
  const text = await readFile(paths.run, 'utf8').catch(() => undefined);
  if (text === undefined || !isRunRecord(text)) return undefined;
  const { record, config, problem } = await readOwn(paths, text);
  const lock = await runHolder(paths.lock);
  const failure = await readFailure(paths);
  const metrics = await readMetrics(paths.metrics);
  const epochs = metrics.filter((line) => line.kind === 'epoch');
  const { state, reason } = stateOf(paths, lock, failure?.message, problem);
  const evaluation = state === 'finished' ? await readEvaluation(paths) : undefined;
  const best = epochs.findLast(({ isBest }) => isBest)?.tasks ?? {};
  return {
    ...{ folder, state, changed: await lastChange(paths) },
    ...(reason !== undefined && { reason }),
    ...(record && { record, started: record.started }),
    ...(config && { config }),
    step: metrics.at(-1)?.step ?? 0,
    epoch: { done: epochs.length, of: config ? expandSchedule(config.training).length : null },
    f1: Object.fromEntries(Object.entries(evaluation ?? best).map(([task, { f1 }]) => [task, f1])),
  };
}

/** Whether a run.json is one of this program's, of whatever version. */
function isRunRecord(text: string): boolean {
  try {
    return typeof (JSON.parse(text) as Partial<RunRecord>).versions?.meddoprof === 'string';
  } catch {
    return false;
  }
}

async function readOwn(
  { config: file, folder }: RunPaths,
  text: string,
): Promise<{ record?: RunRecord; config?: Config; problem?: string }> {
  const parsed = recordSchema.safeParse(JSON.parse(text));
  const { versions } = JSON.parse(text) as RunRecord;
  const other = ofOtherVersion(folder, versions.meddoprof);
  if (!parsed.success) return { problem: `${other} (run.json); train it again in another folder` };
  try {
    return { record: parsed.data, config: (await loadConfig(file)).config };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const [first = '', second] = error.message.split('\n');
    return {
      record: parsed.data,
      problem: `${other} (${second?.trim() ?? first}); train it again in another folder`,
    };
  }
}

function stateOf(
  paths: RunPaths,
  lock: Awaited<ReturnType<typeof runHolder>>,
  failure: string | undefined,
  problem: string | undefined,
): { state: RunState; reason?: string } {
  if (lock?.held) return { state: 'running', reason: `process ${lock.holder.pid} on ${lock.holder.host}` };
  if (problem !== undefined) return { state: 'unreadable', reason: problem };
  if (failure !== undefined) return { state: 'failed', reason: failure };
  if (existsSync(paths.evaluation)) return { state: 'finished' };
  return { state: 'interrupted', ...(lock && { reason: `process ${lock.holder.pid} was killed` }) };
}

async function readEvaluation({ evaluation }: RunPaths): Promise<Record<string, { f1: number }>> {
  return JSON.parse(await readFile(evaluation, 'utf8')) as Record<string, { f1: number }>;
}

async function lastChange({ folder, run, metrics, evaluation, last, failure }: RunPaths): Promise<Date> {
  const files = [run, metrics, evaluation, failure, join(last, 'state.json'), folder];
  const times = await Promise.all(files.map((file) => stat(file).then(({ mtimeMs }) => mtimeMs, () => 0))); // prettier-ignore
  return new Date(Math.max(...times));
}
