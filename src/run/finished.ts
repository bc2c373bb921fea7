import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import { z } from 'zod';
import { loadConfig } from '../config/load.js';
import type { Config } from '../config/schema.js';
import { recordOf } from '../files/recordOf.js';
import { readText } from '../files/text.js';
import { readSplit, scoredNames, type Split } from '../data/split.js';
import { InputError } from '../errors.js';
import { readAnnotationFolder } from '../eval/folders.js';
import type { NormEntry } from '../eval/norm.js';
import { readNormTable } from '../eval/normTable.js';
import type { ScoredSpan } from '../eval/spans.js';
import type { EvaluatedCodes } from './evaluateCodes.js';
import type { RunEvaluation } from './evaluateRun.js';
import { readMetrics, type EpochMetrics, type StepMetrics } from './metrics.js';
import { runPaths, type RunPaths } from './paths.js';
import { ofOtherVersion, recordSchema, type RunRecord } from './record.js';

/** What a run has left when it was finished: all that is compared and reported, none of the weights. */
export interface FinishedRun {
  folder: string;
  config: Config;
  /** run.json */
  record: RunRecord;
  split: Split;
  /** metrics.jsonl, in order. */
  steps: StepMetrics[];
  epochs: EpochMetrics[];
  /** evaluation.json: per task, and of the codes as `norm`. */
  evaluation: RunEvaluation;
  /** normalization.json: codes for gold spans; where the corpus has any. */
  codes?: EvaluatedCodes;
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
 * @throws InputError for a folder that is no run, is not finished, was made by a version whose files were
 * other ones, or has lost its predictions
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
  const record = await readJson(paths, paths.run, recordSchema);
  const config = await readConfig(paths, record, set);
  const metrics = await readMetrics(paths.metrics);
  const epochs = metrics.filter((line) => line.kind === 'epoch');
  const split = await readSplit(paths.split);
  const validated = split.validation.length > 0 ? Object.keys(config.tasks) : [];
  if (!epochs.every(({ tasks }) => validated.every((task) => Object.hasOwn(tasks ?? {}, task))))
    throw otherVersion(paths, record.versions, 'metrics.jsonl: an epoch without the scores of each task');
  if (!existsSync(paths.evaluation))
    throw new InputError(
      `${folder} is not finished (epochs done: ${epochs.length}); go on with: meddoprof train --resume ${folder}`,
    );
  if (scoredNames(split).length === 0)
    throw new InputError(
      `${folder} was trained on all documents (data.validationShare: 0): none is held out that it could be scored on; compare and report runs that hold some out.`,
    );
  const evaluation = await readJson(paths, paths.evaluation, evaluationSchema(config), record);
  const codes = existsSync(paths.normalization)
    ? await readJson(paths, paths.normalization, codesSchema, record)
    : undefined;
  return {
    ...{ folder, config, record, split, epochs, evaluation: evaluation as RunEvaluation },
    steps: metrics.filter((line) => line.kind === 'step'),
    ...(codes && { codes: codes as unknown as EvaluatedCodes }),
    predictions: await readPredictions(paths, config, split, 'norm' in evaluation),
  };
}

async function readConfig(paths: RunPaths, { versions }: RunRecord, set: string[]): Promise<Config> {
  await loadConfig(paths.config).catch((error: unknown) => {
    if (!(error instanceof InputError)) throw error;
    const [first = '', second = ''] = error.message.split('\n');
    throw otherVersion(paths, versions, second.trim() || first);
  });
  return (await loadConfig(paths.config, { set })).config; // here a mistake is one of `set`
}

/** The record says which version made the file; run.json says it itself. */
async function readJson<T>(
  paths: RunPaths,
  file: string,
  schema: z.ZodType<T>,
  record?: RunRecord,
): Promise<T> {
  const content = await readText(file);
  let value: unknown;
  try {
    value = JSON.parse(content);
  } catch (error) {
    throw new InputError(`${file} is not JSON: ${(error as Error).message}.`, { cause: error });
  }
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const { versions } = record ?? (value as Partial<RunRecord> | null) ?? {};
  throw otherVersion(paths, versions, `${relative(paths.folder, file)}: ${issueOf(parsed.error)}`);
}

function otherVersion(
  { folder }: RunPaths,
  versions: Record<string, string> | undefined,
  what: string,
): InputError {
  return new InputError(
    `${ofOtherVersion(folder, versions?.meddoprof)} (${what}); read it with that version, or train it again.`,
  );
}

function issueOf(error: z.ZodError): string {
  const [{ path, message } = { path: [] as PropertyKey[], message: 'not as expected' }] = error.issues;
  return `${path.map(String).join('.')} ${message}`.trim();
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
    const read = await readAnnotationFolder(own, labels, new Set(scored));
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

const ratios = z.looseObject({
  ...{ precision: z.number(), recall: z.number(), f1: z.number() },
  ...{ truePositives: z.number(), falsePositives: z.number(), falseNegatives: z.number() },
});
const scores = ratios.extend({ perLabel: recordOf(z.string(), ratios), errors: z.looseObject({}) });

function evaluationSchema({ tasks }: Config) {
  const own = Object.fromEntries(Object.keys(tasks).map((task) => [task, scores]));
  return z.looseObject({ ...own, norm: scores.optional() });
}
const codesSchema = z.looseObject({ mentions: z.number(), accuracy: z.number(), official: scores });
