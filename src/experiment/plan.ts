import { differenceText, resumeDifferences } from '../config/differences.js';
import { loadConfig } from '../config/load.js';
import type { Config } from '../config/schema.js';
import { readCorpus } from '../data/corpus.js';
import { InputError } from '../errors.js';
import { reason } from '../files/reason.js';
import { entriesOf } from '../runFolder/folder.js';
import { runPaths } from '../runFolder/paths.js';
import { readStatus, type RunStatus } from '../runFolder/status.js';
import type { RunState } from '../runFolder/states.js';
import { configOf } from './config.js';
import type { Experiment, ExperimentRun } from './load.js';
import { corpusKey, splitProblems } from './splits.js';

/** missing: not begun. refused: it cannot run, or its folder holds something else. damaged: a file of its run is. */
export type PlannedState = 'missing' | 'refused' | Exclude<RunState, 'unreadable'>;

export interface PlannedRun extends ExperimentRun {
  state: PlannedState;
  /** Why it is refused or failed, what is damaged, or where it runs. */
  reason?: string;
  /** Of the folder's run, where there is one. */
  status?: RunStatus;
}

/** Hashes of corpora that were read before, by what was asked for. */
export type KnownCorpora = Map<string, Promise<string>>;

/**
 * How every run of an experiment stands. What is wrong with one is its reason, and concerns it alone; that its
 * documents cannot be split as it asks is seen here, before anything starts, and by no `planRun`.
 */
export async function planExperiment(
  { runs }: Pick<Experiment, 'runs'>,
  { set = [], corpora = new Map() }: { set?: string[]; corpora?: KnownCorpora } = {},
): Promise<PlannedRun[]> {
  const planned: PlannedRun[] = [];
  for (const run of runs) planned.push(await planRun(run, set, corpora));
  const missing = planned.filter(({ state }) => state === 'missing');
  const problems = await splitProblems(await Promise.all(missing.map((run) => configOf(run, set))));
  const problemOf = new Map(missing.map((run, i) => [run, problems[i]]));
  return planned.map((run) => {
    const reason = problemOf.get(run);
    return reason === undefined ? run : { ...run, state: 'refused', reason };
  });
}

/** How one run stands: whether its folder is that of the same config and the same corpus. */
export async function planRun(run: ExperimentRun, set: string[], corpora: KnownCorpora): Promise<PlannedRun> {
  const refused = (reason: string): PlannedRun => ({ ...run, state: 'refused', reason });
  try {
    const config = await configOf(run, set);
    const status = await readStatus(run.folder);
    if (!status) return { ...run, ...(await withoutRun(run.folder, config)) };
    const { state, reason: why } = status;
    if (state === 'unreadable') return { ...refused(why!), status };
    if (state === 'damaged') return { ...run, state, reason: why!, status };
    const difference = state === 'running' ? undefined : await differenceTo(status, config, corpora);
    if (difference !== undefined) return { ...refused(difference), status };
    return { ...run, state, reason: why, status };
  } catch (error) {
    if (error instanceof InputError) return refused(error.message);
    if ((error as NodeJS.ErrnoException).code === undefined) throw error;
    return refused(`${run.folder} cannot be read: ${reason(error)}`); // of the system
  }
}

/** A folder that is not there, or was left by a run that was killed before it had described itself. */
async function withoutRun(folder: string, config: Config): Promise<Pick<PlannedRun, 'state' | 'reason'>> {
  const files = await entriesOf(folder);
  if (files.length === 0) return { state: 'missing' };
  if (!files.includes('config.yaml'))
    return { state: 'refused', reason: `${folder} holds something that is no run: move it away` };
  const { config: saved } = await loadConfig(runPaths(folder).config);
  const reason = configDifference(folder, saved, config);
  return reason === undefined ? { state: 'interrupted' } : { state: 'refused', reason };
}

/** What of a run is not as the experiment has it now, as a sentence. */
async function differenceTo(
  { folder, config: saved, record }: RunStatus,
  config: Config,
  corpora: KnownCorpora,
): Promise<string | undefined> {
  const difference = configDifference(folder, saved!, config);
  if (difference !== undefined) return difference;
  if ((await corpusHash(config, corpora)) === record!.corpus.hash) return undefined;
  return `${config.data.corpus} has changed since ${folder} was trained on it: restore it, or move the folder away to train anew`;
}

function configDifference(folder: string, saved: Config, config: Config): string | undefined {
  const differences = resumeDifferences(saved, config).map(differenceText);
  if (differences.length === 0) return undefined;
  const more = differences.length > MOST ? `, and ${differences.length - MOST} more` : '';
  return `${folder} was made with another config: ${differences.slice(0, MOST).join(', ')}${more}; move it away, or give the variant another name`;
}

/** Differences that are told; the others are counted. */
const MOST = 3;

function corpusHash(config: Config, corpora: KnownCorpora): Promise<string> {
  const { data, tasks } = config;
  const key = corpusKey(config);
  let hash = corpora.get(key);
  if (!hash) {
    hash = readCorpus(data.corpus, tasks, data).then((corpus) => corpus.hash);
    corpora.set(key, hash);
  }
  return hash;
}
