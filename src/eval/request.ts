import { join } from 'node:path';
import { corpusFormats, type CorpusFormatName } from '../config/choices.js';
import { checkChoice, checkList, checkText, checkWhole } from '../config/given.js';
import type { TaskConfig } from '../config/sections/tasks.js';
import { shippedConfig } from '../config/shipped.js';
import { InputError, UsageError } from '../errors.js';
import { exists } from '../files/text.js';
import { evaluateFolders, rules, type FileEvaluation, type Rule } from './folders.js';
import { evaluateNormFiles } from './normFiles.js';
import { annotationFolder, normFile } from './paths.js';

/** Names the tasks where no other config is given. */
const SHIPPED = shippedConfig('default.yaml');

/** What `meddoprof evaluate` is asked for. */
export interface EvaluationRequest {
  /** A task of the config, or `norm`. */
  task: string;
  /** A folder of .ann files, or one that holds the task's folder; for `norm` a table, or its folder. */
  gold: string;
  /** The same of the predictions, or a run's folder, for its own. */
  predictions: string;
  /** Format of what is no folder of .ann files; told by the files by default. */
  format?: CorpusFormatName;
  /** Table of the valid codes. */
  codes?: string;
  /** Those of the config by default. */
  labels?: string[];
  /** Config file that names the tasks, read only where their labels or folders are needed; default.yaml by default. */
  config?: string;
  /** Settings laid over the config: `tasks.ner.labels=[…]`. */
  set?: string[];
  /** A saved split, or the folder of a run, for its own: only the documents that it holds out are scored. */
  split?: string;
  /** What is read of the files of spans; official by default. */
  rule?: Rule;
  /** Most examples of each kind of error. */
  examples?: number;
}

/**
 * Evaluates files of predictions, of any task.
 * @throws UsageError for a task that the config lacks, or an option that is wrong; InputError for files that cannot be scored.
 */
export async function evaluateRequest(request: EvaluationRequest): Promise<FileEvaluation> {
  const { task, gold, codes, labels, examples = 0 } = request;
  for (const name of ['task', 'gold', 'predictions'] as const) checkText(name, request[name]);
  checkList('set', request.set);
  checkList('labels', request.labels);
  checkChoice('rule', request.rule, rules);
  checkChoice('format', request.format, corpusFormats);
  checkWhole('examples', examples, 0);
  const documents =
    request.split === undefined ? undefined : await heldOut(await within(request.split, 'split.json'));
  const predictions = await within(request.predictions, 'predictions');
  const options = { examples, documents: documents && new Set(documents) };
  if (task === 'norm' && request.rule === 'all')
    throw new UsageError('--rule all is of spans; leave it out with --task norm');
  if (task === 'norm')
    return evaluateNormFiles(await normFile(gold), await normFile(predictions), codes, options);
  if (codes !== undefined) throw new UsageError('--codes goes with --task norm only; leave it out');
  let tasks: Promise<Record<string, TaskConfig>> | undefined;
  const configured = async () => {
    const all = await (tasks ??= readTasks(request));
    return Object.hasOwn(all, task) ? all[task] : undefined;
  };
  const subfolders = async () => [task, ...[(await configured())?.folder ?? []].flat()];

  const scored = labels ?? (await configured())?.labels;
  if (scored === undefined) {
    const known = [...Object.keys(await tasks!), 'norm'].join(', ');
    throw new UsageError(
      `--task ${task} is none of ${known}, the tasks of ${request.config ?? SHIPPED}; name one of them, or give its --labels`,
    );
  }
  const evaluated = await evaluateFolders(
    await annotationFolder(gold, subfolders),
    await annotationFolder(predictions, subfolders),
    scored,
    { ...options, rule: request.rule, format: request.format },
  );
  return labels === undefined ? evaluated : withUnused(evaluated);
}

/** The file or folder of that name where a run is given, else what is given. @throws InputError for a run that lacks it */
async function within(given: string, name: string): Promise<string> {
  const has = (file: string) => exists(join(given, file));
  if (!(await has('run.json'))) return given;
  if (await has(name)) return join(given, name);
  if (!(await has('config.yaml'))) return given; // another program's run.json
  throw new InputError(
    `${given} is a run without ${name}, which it writes when it is trained; go on with: meddoprof train --resume ${given}`,
  );
}

/** Labels that were named by hand may be mistyped. */
function withUnused({ notices, ...evaluated }: FileEvaluation): FileEvaluation {
  const unused = Object.entries(evaluated.evaluation.perLabel)
    .filter(([, { truePositives, falsePositives, falseNegatives }]) =>
      [truePositives, falsePositives, falseNegatives].every((count) => count === 0),
    )
    .map(([label]) => label);
  if (unused.length === 0) return { ...evaluated, notices };
  const notice = `Labels that neither a gold span nor a prediction has: ${unused.join(', ')}.`;
  return { ...evaluated, notices: [...notices, notice] };
}

async function readTasks({
  config = SHIPPED,
  set = [],
}: EvaluationRequest): Promise<Record<string, TaskConfig>> {
  const { loadConfig } = await import('../config/load.js');
  return (await loadConfig(config, { set })).config.tasks;
}

/** Names of the documents that a run with this split is scored on. */
async function heldOut(file: string): Promise<string[]> {
  const { readSplit, scoredNames } = await import('../data/split.js'); // its schema takes time to load
  const names = scoredNames(await readSplit(file));
  if (names.length === 0) throw new InputError(`${file} holds out no document; leave out --split.`);
  return names;
}
