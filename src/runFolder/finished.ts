import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { NORM } from '../config/choices.js';
import { loadConfig } from '../config/load.js';
import type { Config } from '../config/schema.js';
import { readSplit, scoredNames } from '../data/split.js';
import {
  codesFormat,
  evaluationFormat,
  type StoredCodes,
  type StoredEvaluation,
} from '../formats/evaluation.js';
import { recordFormat, type RunRecord } from '../formats/record.js';
import type { Split } from '../formats/split.js';
import { readStored } from '../formats/stored.js';
import { InputError } from '../errors.js';
import { readAnnotationFolder } from '../eval/folders.js';
import type { NormEntry } from '../eval/norm.js';
import { readNormTable } from '../eval/normTable.js';
import type { ScoredSpan } from '../eval/spans.js';
import { readMetrics, type LoggedEpoch, type LoggedStep } from './metrics.js';
import { runPaths, type RunPaths } from './paths.js';
import { ofOtherVersion } from './record.js';

/** What a run has left when it was finished: all that is compared and reported, none of the weights. */
export interface FinishedRun {
  folder: string;
  config: Config;
  /** run.json */
  record: RunRecord;
  split: Split;
  /** metrics.jsonl, in order. */
  steps: LoggedStep[];
  epochs: LoggedEpoch[];
  /** evaluation.json: per task, and of the codes as `norm`. */
  evaluation: StoredEvaluation;
  /** normalization.json: codes for gold spans; where the corpus has any. */
  codes?: StoredCodes;
  predictions: Predictions;
}

/** Of the documents that are scored, as they were handed in. */
export interface Predictions {
  spans: Record<string /*task*/, ReadonlyMap<string /*document*/, ScoredSpan[]>>;
  /** norm.tsv, where the run has codes. */
  rows?: NormEntry[];
}

/**
 * Reads the folder of a finished run. Loads no TensorFlow.
 * @param options.set settings laid over the run's config: where the corpus is now, say
 * @throws InputError for a folder that is no run, is not finished, was made by a version whose options were
 * other ones, has a damaged file, or has lost its predictions
 */
export async function readFinishedRun(
  folder: string,
  { set = [] }: { set?: string[] } = {},
): Promise<FinishedRun> {
  const paths = runPaths(folder);
  if (!existsSync(folder)) throw new InputError(`${folder} does not exist; name the folder of a run.`);
  if (!existsSync(paths.config) || !existsSync(paths.run))
    throw new InputError(
      `${folder} is no run: it has no ${existsSync(paths.config) ? 'run.json' : 'config.yaml'}; name a folder that \`meddoprof train\` has made.`,
    );
  const record = await readStored(paths.run, recordFormat);
  const config = await readConfig(paths, record, set);
  const metrics = await readMetrics(paths.metrics);
  const epochs = metrics.filter((line) => line.kind === 'epoch');
  const split = await readSplit(paths.split);
  if (!existsSync(paths.evaluation))
    throw new InputError(
      `${folder} is not finished (epochs done: ${epochs.length}); go on with: meddoprof train --resume ${folder}`,
    );
  if (scoredNames(split).length === 0)
    throw new InputError(
      `${folder} was trained on all documents (data.validationShare: 0): none is held out that it could be scored on; compare and report runs that hold some out.`,
    );
  const evaluation = await readStored(paths.evaluation, evaluationFormat);
  for (const [task, { labels }] of Object.entries(config.tasks)) {
    const lacks = (file: string, what = '') =>
      new InputError(
        `${file} lacks the scores of ${what}the task ${task}, which is in its config.yaml: put both files back`,
      );
    if (!Object.hasOwn(evaluation, task)) throw lacks(paths.evaluation);
    const { perLabel, errors } = evaluation[task]!;
    const label = labels.find((own) => !Object.hasOwn(perLabel, own) || !Object.hasOwn(errors.perLabel, own));
    if (label !== undefined) throw lacks(paths.evaluation, `the label ${label} of `);
    const epoch = epochs.find(({ tasks }) => !Object.hasOwn(tasks, task));
    if (epoch && split.validation.length > 0) throw lacks(`${paths.metrics}: epoch ${epoch.epoch}`);
  }
  const codes = existsSync(paths.normalization)
    ? await readStored(paths.normalization, codesFormat)
    : undefined;
  if (codes && !Object.hasOwn(evaluation, NORM))
    throw new InputError(
      `${paths.evaluation} lacks the scores of the codes, and ${paths.normalization} is there: put both files back`,
    );
  return {
    folder,
    config,
    record,
    split,
    epochs,
    evaluation,
    steps: metrics.filter((line) => line.kind === 'step'),
    codes,
    predictions: await readPredictions(paths, config, split, Object.hasOwn(evaluation, NORM)),
  };
}

async function readConfig(paths: RunPaths, { versions }: RunRecord, set: string[]): Promise<Config> {
  await loadConfig(paths.config).catch((error: unknown) => {
    if (!(error instanceof InputError)) throw error;
    const [first = '', second = ''] = error.message.split('\n');
    throw new InputError(
      `${ofOtherVersion(paths.folder, versions.meddoprof)} (${second.trim() || first}); read it with that version, or train it again.`,
    );
  });
  return (await loadConfig(paths.config, { set })).config; // here a mistake is one of `set`
}

async function readPredictions(
  { folder, predictions }: RunPaths,
  { tasks }: Config,
  split: Split,
  coded: boolean,
): Promise<Predictions> {
  const scored = scoredNames(split);
  const spans: Predictions['spans'] = {};
  const again = `write them again with: meddoprof train --resume ${folder}`;
  for (const [task, { folder: name, labels }] of Object.entries(tasks)) {
    const own = join(predictions, name);
    if (!existsSync(own))
      throw new InputError(`${folder} has no predictions (${own} is not there); ${again}`);
    const read = await readAnnotationFolder(own, labels, { documents: new Set(scored) });
    const lacking = scored.filter((document) => !read.spans.has(document));
    if (lacking.length > 0)
      throw new InputError(
        `${own} lacks ${lacking.length} of the ${scored.length} documents that are scored (${lacking[0]}.ann, for one); ${again}`,
      );
    spans[task] = read.spans;
  }
  if (!coded) return { spans };
  const table = join(predictions, 'norm.tsv');
  if (!existsSync(table))
    throw new InputError(`${folder} has no predicted codes (${table} is not there); ${again}`);
  return { spans, rows: (await readNormTable(table)).rows };
}
