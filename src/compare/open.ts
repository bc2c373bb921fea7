import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { InputError, UsageError } from '../errors.js';
import { groupsOf, loadExperiment } from '../experiment/load.js';
import type { PublishedRow } from '../experiment/schema.js';
import { readFinishedRun, type FinishedRun } from '../run/finished.js';
import { groupRuns, type Group } from './groups.js';

/** What is to be compared, read from disk. */
export interface OpenedGroups {
  groups: Group[];
  /** The experiment's own. */
  baseline?: string;
  published: PublishedRow[];
}

export interface OpenOptions {
  /** Settings laid over every run's config: where the corpus is now. */
  set: string[];
  /** Where the experiment's runs are; `runs/<its file's name>` by default. */
  folder?: string | undefined;
  /** Why a run is left out. */
  onNotice: (text: string) => void;
}

/**
 * Reads run folders, or the runs of an experiment file. A run that cannot be read is left out with a notice.
 * @throws UsageError for an experiment file among other arguments; InputError where fewer than two runs are
 * left, with the reason of the last
 */
export async function openGroups(paths: readonly string[], options: OpenOptions): Promise<OpenedGroups> {
  const isFile = (path: string) =>
    statSync(path, { throwIfNoEntry: false })?.isFile() ?? /\.ya?ml$/.test(path);
  const file = paths.find(isFile);
  if (file === undefined) {
    if (options.folder !== undefined)
      throw new UsageError('--folder says where the runs of an experiment are; name an experiment file');
    const distinct = paths.filter(
      (path, i) => paths.findIndex((other) => resolve(other) === resolve(path)) === i,
    );
    if (distinct.length < 2) throw new UsageError('name two runs or more, or an experiment file');
    return { groups: groupRuns(await readRuns(distinct, options)), published: [] };
  }
  if (paths.length > 1)
    throw new UsageError(`${file} is a file: name one experiment file, or folders of runs`);
  const experiment = await loadExperiment(file, options.folder);
  const runs = await readRuns(
    experiment.runs.map(({ folder }) => folder),
    options,
  );
  const groups = groupsOf(experiment).map(({ name, runs: own }) => ({
    name,
    runs: runs.filter(({ folder }) => own.some((run) => run.folder === folder)),
  }));
  return {
    groups: groups.filter(({ runs: own }) => own.length > 0),
    ...{ baseline: experiment.baseline, published: experiment.published },
  };
}

async function readRuns(folders: readonly string[], { set, onNotice }: OpenOptions): Promise<FinishedRun[]> {
  const runs: FinishedRun[] = [];
  const reasons: string[] = [];
  for (const folder of folders)
    try {
      runs.push(await readFinishedRun(folder, { set }));
    } catch (error) {
      if (!(error instanceof InputError) || error instanceof UsageError) throw error;
      reasons.push(error.message);
    }
  if (runs.length < 2)
    throw new InputError(
      `of ${folders.length} runs ${runs.length === 0 ? 'none' : 'only one'} can be compared: ${reasons.join('; ')}`,
    );
  for (const reason of reasons) onNotice(`Left out: ${reason}`);
  return runs;
}
