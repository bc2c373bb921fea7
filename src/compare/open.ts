import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { configDifferences, differenceText } from '../config/differences.js';
import { scoredNames } from '../data/split.js';
import { InputError, UsageError } from '../errors.js';
import { configOf } from '../experiment/config.js';
import { groupsOf, loadExperiment, type ExperimentRun } from '../experiment/load.js';
import type { PublishedRow } from '../experiment/schema.js';
import type { Split } from '../formats/split.js';
import { readFinishedRun, type FinishedRun } from '../runFolder/finished.js';
import { readGold, type Gold } from '../runFolder/gold.js';
import { countRun } from './count.js';
import { groupRuns, type Group } from './groups.js';
import { lackingFolds, poolFolds } from './pools.js';

/** What is to be compared, read from disk. */
export interface OpenedGroups {
  groups: Group[];
  /** The experiment's own. */
  baseline?: string;
  published: PublishedRow[];
  /** Runs that were left out, and why, as they were told. */
  leftOut: string[];
}

export interface OpenOptions {
  /** Settings laid over every run's config: where the corpus is now. */
  set: string[];
  /** Where the experiment's runs are; `runs/<its file's name>` by default. */
  folder?: string;
  /** The folds that are pooled; all of them by default. */
  folds?: readonly number[];
  /** Why a run is left out. */
  onNotice: (text: string) => void;
}

/**
 * Reads run folders, or the runs of an experiment file. A run that cannot be read is left out with a notice, as is
 * one of an experiment that was trained with another config than the file has now.
 * @throws UsageError for an experiment file among other arguments; InputError where fewer than two runs are
 * left, with the reason of the last
 */
export async function openGroups(paths: readonly string[], options: OpenOptions): Promise<OpenedGroups> {
  const leftOut: string[] = [];
  const onNotice = (text: string) => {
    leftOut.push(text.replace(/^Left out: /, ''));
    options.onNotice(text);
  };
  return { ...(await readGroups(paths, { ...options, onNotice })), leftOut };
}

async function readGroups(
  paths: readonly string[],
  options: OpenOptions,
): Promise<Omit<OpenedGroups, 'leftOut'>> {
  const isFile = (path: string) =>
    statSync(path, { throwIfNoEntry: false })?.isFile() ?? /\.ya?ml$/.test(path);
  const file = paths.find(isFile);
  if (file === undefined) {
    if (options.folder !== undefined)
      throw new UsageError('--folder says where the runs of an experiment are; name an experiment file');
    const distinct = paths.filter(
      (path, i) => paths.findIndex((other) => resolve(other) === resolve(path)) === i,
    );
    const same = paths.length > 1 ? `${paths.join(' and ')} are the same folder: ` : '';
    if (distinct.length < 2) throw new UsageError(`${same}name two runs or more, or an experiment file`);
    return { groups: wholeGroups(groupRuns(await readRuns(distinct, options)), options), published: [] };
  }
  if (paths.length > 1)
    throw new UsageError(`${file} is a file: name one experiment file, or folders of runs`);
  const experiment = await loadExperiment(file, options.folder);
  const other = options.folds?.find((fold) => fold > (experiment.folds ?? 0));
  if (other !== undefined)
    throw new UsageError(
      `--folds ${other}: ${file} has ${experiment.folds === null ? 'no folds' : `the folds 1 to ${experiment.folds}`}`,
    );
  const runs = await readRuns(
    experiment.runs.map(({ folder }) => folder),
    options,
    (run, i) => notOfExperiment(run, experiment.runs[i]!, file, options.set),
  );
  const groups = groupsOf(experiment).map(({ name, runs: own }) => ({
    name,
    runs: runs.filter(({ folder }) => own.some((run) => run.folder === folder)),
  }));
  return {
    groups: wholeGroups(groups, options),
    baseline: experiment.baseline,
    published: experiment.published,
  };
}

/**
 * Without the seeds that lack the run of a fold, which are told, and without variants of which nothing is left.
 * @throws InputError where fewer than two runs are left
 */
function wholeGroups(groups: readonly Group[], { folds, onNotice }: OpenOptions): Group[] {
  const isMeant = ({ config: { data } }: FinishedRun) => !folds || data.fold === null || folds.includes(data.fold); // prettier-ignore
  const reasons: string[] = [];
  const whole = groups.map(({ name, runs }): Group => {
    const pools = poolFolds(runs.filter(isMeant)).filter((pool) => {
      const lacking = lackingFolds(pool, folds);
      if (lacking.length > 0)
        reasons.push(`${name}, seed ${pool.seed}, lacks the runs of the folds ${lacking.join(', ')}.`);
      return lacking.length === 0;
    });
    return { name, runs: pools.flatMap((pool) => pool.runs) };
  });
  const left = whole.filter(({ runs }) => runs.length > 0);
  const all = groups.flatMap(({ runs }) => runs);
  if (left.length === 1 && left[0]!.runs.length === 1) {
    if (!all.every(isMeant)) reasons.push(`some are of other folds than ${folds!.join(', ')}`);
    throw tooFew(all.length, 1, reasons);
  }
  for (const reason of reasons) onNotice(`Left out: ${reason}`);
  if (left.length === 0)
    throw new InputError(
      `no variant has the runs of ${folds ? `the folds ${folds.join(', ')}` : 'all of its folds'} yet: train those that lack first`,
    );
  return left;
}

/** The runs of the folders that can be read, and of which `fault` finds nothing wrong. */
async function readRuns(
  folders: readonly string[],
  { set, onNotice }: OpenOptions,
  fault: (run: FinishedRun, i: number) => Promise<string | undefined> = () => Promise.resolve(undefined),
): Promise<FinishedRun[]> {
  const runs: FinishedRun[] = [];
  const reasons: string[] = [];
  const golds = new Map<string, Promise<Gold>>();
  for (const [i, folder] of folders.entries())
    try {
      const run = await readFinishedRun(folder, { set });
      const reason = (await fault(run, i)) ?? (await changedSince(run, golds));
      if (reason === undefined) runs.push(run);
      else reasons.push(reason);
    } catch (error) {
      if (!(error instanceof InputError) || error instanceof UsageError) throw error;
      reasons.push(error.message);
    }
  if (runs.length < 2) throw tooFew(folders.length, runs.length, reasons);
  for (const reason of reasons) onNotice(`Left out: ${reason}`);
  return runs;
}

function tooFew(all: number, left: number, reasons: readonly string[]): InputError {
  const why = reasons.map((reason) => reason.replace(/\.$/, '')).join('; ');
  return new InputError(`of ${all} runs ${left === 0 ? 'none' : 'only one'} can be compared: ${why}`);
}

/**
 * Why a run's predictions are not those that it was scored by. A corpus that has changed, or is not there, is told where
 * all that are left are compared.
 * @param golds what was read for other runs, by what it was read from
 */
async function changedSince(
  run: FinishedRun,
  golds: Map<string, Promise<Gold>>,
): Promise<string | undefined> {
  const { config, record, split } = run;
  const { corpus, format, norm, codes } = config.data;
  const key = JSON.stringify([corpus, format, norm, codes, config.tasks, record.corpus.hash]);
  const reading = golds.get(key) ?? readGold(run, namesOf(split));
  golds.set(key, reading);
  const gold = await reading.catch(() => undefined);
  if (!gold) return undefined;
  const scored = new Set(scoredNames(split));
  try {
    countRun(run, { ...gold, documents: gold.documents.filter(({ name }) => scored.has(name)) });
    return undefined;
  } catch (error) {
    if (error instanceof InputError) return error.message;
    throw error;
  }
}

const namesOf = ({ training, validation, test = [] }: Split) => [...training, ...validation, ...test];

/** Why a run in the folder of an experiment's is another one: it was trained before the file had changed. */
async function notOfExperiment(
  { folder, config: saved }: FinishedRun,
  planned: ExperimentRun,
  file: string,
  set: string[],
): Promise<string | undefined> {
  try {
    const [difference] = configDifferences(saved, await configOf(planned, set));
    if (!difference) return undefined;
    return `${folder} was trained with another config than ${file} says: ${differenceText(difference)}; train it again.`;
  } catch (error) {
    if (error instanceof InputError) return `${folder}: ${error.message}`;
    throw error;
  }
}
