import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { loadConfig } from '../config/load.js';
import type { Config } from '../config/schema.js';
import { expandSchedule } from '../config/schedule.js';
import { InputError } from '../errors.js';
import { exists, readBytes } from '../files/text.js';
import { evaluationFormat, type StoredEvaluation } from '../formats/evaluation.js';
import { recordFormat, type RunRecord } from '../formats/record.js';
import { parseStored, readStored } from '../formats/stored.js';
import { readFailure } from './failure.js';
import { runHolder } from './lock.js';
import { readMetrics } from './metrics.js';
import { type RunPaths, runPaths } from './paths.js';
import { ofOtherVersion } from './record.js';
import type { RunState } from './states.js';

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

/**
 * The status of the run in a folder; undefined where there is none. What is damaged is the reason of its state, and
 * no error: the others that are listed with it have none of it.
 */
export async function readStatus(folder: string): Promise<RunStatus | undefined> {
  const paths = runPaths(folder);
  if (!(await isRun(paths))) return undefined;
  const damage: string[] = [];
  const unless = async <T>(work: Promise<T>): Promise<T | undefined> =>
    work.catch((error: unknown) => {
      if (!(error instanceof InputError)) throw error;
      damage.push(error.message);
      return undefined;
    });
  const record = await unless(readStored(paths.run, recordFormat));
  const metrics = (await unless(readMetrics(paths.metrics))) ?? [];
  const evaluation = existsSync(paths.evaluation)
    ? await unless(readStored(paths.evaluation, evaluationFormat))
    : undefined;
  const { config, problem } = await readOwnConfig(paths, record);
  const lock = await unless(runHolder(paths.lock));
  const { state, reason } = await stateOf(paths, { evaluation, lock, damage: damage[0], problem });
  const epochs = metrics.filter((line) => line.kind === 'epoch');
  const best = epochs.findLast(({ isBest }) => isBest)?.tasks ?? {};
  return {
    folder,
    state,
    reason,
    record,
    config,
    started: record?.started,
    changed: await lastChange(paths),
    step: metrics.at(-1)?.step ?? 0,
    epoch: { done: epochs.length, of: config ? expandSchedule(config.training).length : null },
    f1: Object.fromEntries(Object.entries(evaluation ?? best).map(([task, { f1 }]) => [task, f1])),
  };
}

/** Whether a run.json is one of this program's, of whatever version; a damaged one is where a run's files stand beside. */
async function isRun({ run, config, split }: RunPaths): Promise<boolean> {
  if (!(await exists(run))) return false;
  try {
    const { versions } = parseStored(await readBytes(run), run, anyRecord);
    return versions?.meddoprof !== undefined;
  } catch {
    return existsSync(config) && existsSync(split);
  }
}

const anyRecord = {
  ...recordFormat,
  versions: {
    1: z.looseObject({ versions: z.looseObject({ meddoprof: z.string().optional() }).optional() }),
  },
};

async function readOwnConfig(
  { config: file, folder }: RunPaths,
  record: RunRecord | undefined,
): Promise<{ config?: Config; problem?: string }> {
  try {
    return { config: (await loadConfig(file)).config };
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const [first = '', second] = error.message.split('\n');
    const other = ofOtherVersion(folder, record?.versions.meddoprof);
    return { problem: `${other} (${second?.trim() ?? first}); train it again in another folder` };
  }
}

/** What of a run's files could be read, and what is wrong with the others. */
interface Read {
  evaluation: StoredEvaluation | undefined;
  lock: Awaited<ReturnType<typeof runHolder>>;
  damage: string | undefined;
  problem: string | undefined;
}

async function stateOf(
  paths: RunPaths,
  { evaluation, lock, damage, problem }: Read,
): Promise<{ state: RunState; reason?: string }> {
  if (lock?.held) return { state: 'running', reason: `process ${lock.holder.pid} on ${lock.holder.host}` };
  if (damage !== undefined) return { state: 'damaged', reason: damage };
  if (problem !== undefined) return { state: 'unreadable', reason: problem };
  const failure = await failureOf(paths);
  if (failure !== undefined) return { state: 'failed', reason: failure };
  // Earlier builds wrote evaluation.json before what it says of codes.
  const codes = evaluation !== undefined && Object.hasOwn(evaluation, 'norm');
  const lacksCodes = codes && existsSync(paths.normalizer) && !existsSync(paths.normalization);
  if (evaluation && !lacksCodes) return { state: 'finished' };
  return { state: 'interrupted', reason: lock && `process ${lock.holder.pid} was killed` };
}

/** Why it failed; where that cannot be read, that it cannot: nothing else of the run needs the file. */
async function failureOf(paths: RunPaths): Promise<string | undefined> {
  try {
    return (await readFailure(paths))?.message;
  } catch (error) {
    if (error instanceof InputError) return error.message;
    throw error;
  }
}

async function lastChange({ folder, run, metrics, evaluation, last, failure }: RunPaths): Promise<Date> {
  const files = [run, metrics, evaluation, failure, join(last, 'state.json'), folder];
  const times = await Promise.all(files.map((file) => stat(file).then(({ mtimeMs }) => mtimeMs, () => 0))); // prettier-ignore
  return new Date(Math.max(...times));
}
