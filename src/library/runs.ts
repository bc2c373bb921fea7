import { compareRuns, type CompareOptions as CompareRunsOptions } from '../compare/compare.js';
import type { Comparison } from '../compare/comparison.js';
import { openGroups } from '../compare/open.js';
import type { Config } from '../config/schema.js';
import { checkList, checkOptions, checkText, type OptionNames } from '../config/given.js';
import { createContext, type Context } from '../context.js';
import type { FileEvaluation } from '../eval/folders.js';
import { evaluateRequest, type EvaluationRequest } from '../eval/request.js';
import { writeRunReport, type ReportOptions } from '../report/run.js';
import type { RunEvent } from '../run/events.js';

/** Where a run is made. */
export interface TrainOptions {
  /** Of the run; one that is there already is refused, unless it is resumed. */
  folder: string;
  /** Go on with the run that is there; false by default. */
  resume?: boolean;
}

/**
 * Trains as a config says, in a folder of its own, and evaluates the best checkpoint on the documents that are held out;
 * all that `meddoprof train` leaves is there but report.html, which `report` makes. Yields its beginning, steps, epochs with their scores, and its end with the
 * evaluation. With `resume` it goes on with a folder that was cut off.
 * @param config as `loadConfig` gives it
 * @param options the run's folder
 * @param context stops it, and is told how far it is
 * @throws UsageError for a config that has mistakes, a folder that is in use, or is resumed with another config; InputError for a folder that cannot be
 * made, a corpus or an encoder that cannot be read, an engine that is not there; Interrupted once the context's signal has stopped it: then what was
 * computed is kept, and it can be resumed. Who only stops taking events loses the steps since the last checkpoint.
 */
export async function* train(
  config: Config,
  options: TrainOptions,
  context: Context = createContext(),
): AsyncGenerator<RunEvent, void> {
  checkOptions(options, { folder: true, resume: true });
  checkText('folder', options.folder);
  const { folder, resume = false } = options;
  const { checkedConfig } = await import('../config/load.js');
  const checked = checkedConfig(config);
  const { trainRun } = await import('../run/trainRun.js');
  yield* trainRun(checked, { folder, resume }, context);
}

const evaluationOptions: OptionNames<EvaluationRequest> = {
  task: true,
  gold: true,
  predictions: true,
  format: true,
  codes: true,
  labels: true,
  config: true,
  set: true,
  split: true,
  rule: true,
  examples: true,
};

/**
 * Scores files of predictions as the shared task does, with the detail behind it: folders of .ann files, or for the task
 * `norm` tables of codes. Precision, recall and F1 are shares from 0 to 1, exact. For spans that are at hand: `evaluateSpans`.
 * @param request the files, and how they are read
 * @throws UsageError for a task that the config (default.yaml by default) lacks, or an option that is wrong; InputError for files that cannot be scored
 */
export async function evaluate(request: EvaluationRequest): Promise<FileEvaluation> {
  checkOptions(request, evaluationOptions);
  return evaluateRequest(request);
}

/** What is compared, and how. */
export interface CompareOptions extends Omit<CompareRunsOptions, 'published' | 'leftOut'> {
  /** Settings laid over every run's config: `data.corpus=…`, where the corpus is now. */
  set?: string[];
  /** Where the experiment's runs are; `runs/<its file's name>` by default. */
  folder?: string;
  /** The folds that are pooled; all of them by default. */
  folds?: readonly number[];
}

const compareOptions: OptionNames<CompareOptions> = {
  baseline: true,
  resamples: true,
  permutations: true,
  seed: true,
  set: true,
  folder: true,
  folds: true,
};

/**
 * Compares finished runs, or those of an experiment file: means and deviations over seeds, bootstrap intervals over
 * documents, differences to the baseline with tests. Scores are shares from 0 to 1.
 * @param paths folders of runs, of which those that differ in seed or fold alone are one variant, or one experiment file
 * @param options what they are held against, and how
 * @param context is told which runs were left out, and why
 * @throws InputError for fewer than two runs, runs that cannot be compared, or a corpus that has changed; UsageError for an
 * unknown baseline, or numbers that are none
 */
export async function compare(
  paths: readonly string[],
  options: CompareOptions = {},
  context: Pick<Context, 'notice'> = createContext(),
): Promise<Comparison> {
  checkList('paths', paths);
  checkOptions(options, compareOptions);
  const { set = [], folder, folds, ...how } = options;
  checkList('set', set);
  const { notice } = context;
  const { groups, baseline, ...opened } = await openGroups(paths, { set, folder, folds, onNotice: notice });
  return compareRuns(groups, { ...how, baseline: how.baseline ?? baseline, ...opened });
}

/**
 * Writes the report of a finished run: one HTML file, to open from disk. Returns its path.
 * @param run its folder
 * @param options where it goes
 * @param context stops it, and is told how far it is
 * @throws InputError for a folder that is no finished run, or a corpus that is gone or has changed
 */
export async function report(
  run: string,
  options: ReportOptions = {},
  context: Context = createContext(),
): Promise<string> {
  checkText('run', run);
  checkOptions(options, { out: true, set: true });
  checkList('set', options.set);
  return writeRunReport(run, options, context);
}
