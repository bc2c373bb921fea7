/**
 * What a program imports. To import it, to read corpora, to score and to compare load no TensorFlow: `openModel` and
 * `train` do, and start the engine that they are asked for. What goes wrong with what was given is an `InputError`, whose
 * message is for people, as the command line prints it.
 * @module
 */
import { compareRuns, type CompareOptions } from './compare/compare.js';
import { openGroups } from './compare/open.js';
import type { Comparison } from './compare/comparison.js';
import { shippedConfig } from './config/shipped.js';
import type { Config } from './config/schema.js';
import { createContext, type Context } from './context.js';
import type { Span } from './data/document.js';
import type { FileEvaluation } from './eval/folders.js';
import { evaluateRequest, type EvaluationRequest } from './eval/request.js';
import type { RunEvent } from './run/events.js';

export { shippedConfig } from './config/shipped.js';
export { loadConfig, type LoadedConfig } from './config/load.js';
export type { Config } from './config/schema.js';
export { createContext, type Context, type ContextOptions } from './context.js';
export { readCorpus, type Corpus, type CorpusOptions, type Tasks } from './data/corpus.js';
export type { CodedSpan, Document, Span } from './data/document.js';
export { InputError, Interrupted, UsageError } from './errors.js';
export { evaluateSpans, type Evaluation, type EvaluationOptions } from './eval/evaluation.js';
export type { FileEvaluation } from './eval/folders.js';
export type { EvaluationRequest } from './eval/request.js';
export type { CompareOptions } from './compare/compare.js';
export type { Comparison } from './compare/comparison.js';
export type { RunEvent, RunResult } from './run/events.js';

/** A text of any length; the name comes back with what was found in it. */
export interface Text {
  name: string;
  text: string;
}

/** What was found in a text. Offsets are Unicode code points into it; `end` is exclusive. */
export interface Prediction extends Text {
  /** By task (`ner`, `class`), in order. */
  spans: Record<string, Span[]>;
  /** Codes of the spans that get any; absent where the run has nothing that finds codes. */
  codes?: { start: number; end: number; text: string; code: string; candidates: string[] }[];
}

export interface ModelOptions {
  /** auto (the default): native where it is built, else webgpu where there is a card, else wasm. A process has one engine. */
  engine?: 'auto' | 'native' | 'webgpu' | 'wasm' | 'cpu';
  /** auto by default; gpu: fail where there is none. */
  device?: 'auto' | 'gpu' | 'cpu';
  /** Of this model's matrix products, whatever other models have; float32 by default, bfloat16 on the native engine only. */
  precision?: 'float32' | 'bfloat16';
  /** Which of the run's; best by default. */
  checkpoint?: 'best' | 'last';
  /** Windows that are computed together; 16 by default. */
  batchSize?: number;
  /** Settings laid over the model's, as --set of `meddoprof predict`: `decoding.threshold=0.4`. */
  set?: readonly string[];
}

/** A trained model, on an engine. `close` it, or its memory stays taken. */
export interface Model {
  /** What it finds: labels by task, and the folder of a submission that a task's files go to. */
  readonly tasks: Readonly<Record<string, { labels: readonly string[]; folder: string | readonly string[] }>>;
  /** For people: TensorFlow's version, the device's name, threads. */
  readonly engine: string;
  close(): void;
  /** What `predict` calls. */
  find(texts: AsyncIterable<Text> | Iterable<Text>, signal: AbortSignal): AsyncGenerator<Prediction>;
}

/**
 * Opens what `meddoprof train` has left: a run, or one of its checkpoints; of several the means of their scores decide.
 * @throws InputError for a folder that holds no checkpoint or a damaged one, or an engine, device or precision that is not
 * there; UsageError for a setting that is wrong, or models that find different things
 */
export async function openModel(
  runs: string | readonly [string, ...string[]],
  options: ModelOptions = {},
  context: Context = createContext(),
): Promise<Model> {
  const { openRun } = await import('./predict/openRun.js');
  const { tasks, engine, find, dispose } = await openRun(
    typeof runs === 'string' ? [runs] : runs,
    options,
    context,
  );
  return {
    tasks,
    engine: engine.description,
    close: dispose,
    async *find(texts, signal) {
      for await (const { codes, ...found } of find(texts, signal)) {
        const prediction: Prediction = found;
        if (codes)
          prediction.codes = codes.map(({ text, span, code, candidates }) => {
            return { start: span.start, end: span.end, text, code, candidates };
          });
        yield prediction;
      }
    },
  };
}

/**
 * Finds spans and codes in texts, in their order, as they come: a stream of millions holds no more than a few hundred
 * windows. `signal` stops it after the batch at hand.
 * @throws Interrupted where it was stopped; InputError where the model's scores are no numbers, or the memory of the
 * device does not suffice, with the batch size that would do
 */
export function predict(
  model: Model,
  texts: AsyncIterable<Text> | Iterable<Text>,
  { signal = new AbortController().signal }: { signal?: AbortSignal } = {},
): AsyncGenerator<Prediction, void> {
  return model.find(texts, signal);
}

/**
 * Trains as a config says, in a folder of its own, and evaluates the best checkpoint on the documents that are held out;
 * all that `meddoprof train` leaves is there. Yields its beginning, steps, epochs with their scores, and its end with the
 * evaluation. With `resume` it goes on with a folder that was cut off.
 * @throws UsageError for a folder that is in use, or is resumed with another config; InputError for a corpus or an encoder
 * that cannot be read, an engine that is not there; Interrupted once the context's signal has stopped it: then what was
 * computed is kept, and it can be resumed. Who only stops taking events loses the steps since the last checkpoint.
 */
export async function* train(
  config: Config,
  { folder, resume = false }: { folder: string; resume?: boolean },
  context: Context = createContext(),
): AsyncGenerator<RunEvent, void> {
  const { trainRun } = await import('./run/trainRun.js');
  yield* trainRun(config, { folder, resume }, context);
}

/**
 * Scores files of predictions as the shared task does, with the detail behind it: folders of .ann files, or for the task
 * `norm` tables of codes. Precision, recall and F1 are shares from 0 to 1, exact. For spans that are at hand: `evaluateSpans`.
 * @throws UsageError for a task that the config (default.yaml by default) lacks; InputError for files that cannot be scored
 */
export function evaluate(
  request: Omit<EvaluationRequest, 'config'> & { config?: string },
): Promise<FileEvaluation> {
  return evaluateRequest({ ...request, config: request.config ?? shippedConfig('default.yaml') });
}

/**
 * Compares finished runs, or those of an experiment file: means and deviations over seeds, bootstrap intervals over
 * documents, differences to the baseline with tests. Scores are shares from 0 to 1.
 * @param options.set settings laid over every run's config: `data.corpus=…`, where the corpus is now
 * @param options.folder where the experiment's runs are; `runs/<its file's name>` by default
 * @param context is told which runs were left out, and why; its signal stops it
 * @throws InputError for fewer than two runs, runs that cannot be compared, or a corpus that has changed; UsageError for an
 * unknown baseline
 */
export async function compare(
  paths: readonly string[],
  options: Omit<CompareOptions, 'published'> & { set?: string[]; folder?: string } = {},
  context: Context = createContext(),
): Promise<Comparison> {
  const { set = [], folder, ...how } = options;
  const { notice } = context;
  const { groups, baseline, published } = await openGroups(paths, { set, folder, onNotice: notice });
  return compareRuns(groups, { ...how, baseline: how.baseline ?? baseline, published }, context);
}
