import { checkList, checkOptions, checkText, type OptionNames } from '../config/given.js';
import { createContext, type Context } from '../context.js';
import type { FoundSpan } from '../data/document.js';
import { UsageError } from '../errors.js';
import type { ScoredCode } from '../predict/codes.js';

/** A text of any length; the name comes back with what was found in it. */
export interface Text {
  name: string;
  text: string;
}

/** What was found in a text. Offsets are Unicode code points into it; `end` is exclusive. */
export interface Prediction extends Text {
  /** By task (`ner`, `class`), in order; each with how probable it is to the model, from 0 to 1. */
  spans: Record<string, FoundSpan[]>;
  /** Codes of the spans that get any, and those considered, the best first; absent where the run has nothing that finds codes. */
  codes?: { start: number; end: number; text: string; code: string; candidates: ScoredCode[] }[];
}

/** What computes. A process has one engine and one device; precisions may differ from model to model. */
export interface EngineOptions {
  /** auto (the default): native where it is built, else webgpu where there is a card, else wasm. */
  engine?: 'auto' | 'native' | 'webgpu' | 'wasm' | 'cpu';
  /** auto by default; gpu: fail where there is none. */
  device?: 'auto' | 'gpu' | 'cpu';
  /** Of matrix products; float32 by default, bfloat16 on the native engine only. */
  precision?: 'float32' | 'bfloat16';
}

/** @internal */
export const engineOptions: OptionNames<EngineOptions> = { engine: true, device: true, precision: true };

/** How a model is opened. */
export interface ModelOptions extends EngineOptions {
  /** Which of the run's; best by default. */
  checkpoint?: 'best' | 'last';
  /** Windows that are computed together; 16 by default. */
  batchSize?: number;
  /** Take the thresholds and calibrations that `meddoprof tune` has written into the (first) run's folder; else the model's own. */
  tuned?: boolean;
  /** Read no window to its end in which the gate finds nothing that `meddoprof gate` has made of each run; all are by default. */
  earlyExit?: boolean;
  /** Settings laid over the model's, as --set of `meddoprof predict`: `decoding.threshold=0.4`. */
  set?: readonly string[];
}

const modelOptions: OptionNames<ModelOptions> = {
  ...engineOptions,
  checkpoint: true,
  batchSize: true,
  tuned: true,
  earlyExit: true,
  set: true,
};

/** A trained model, on an engine. `close` it, or its memory stays taken. */
export interface Model {
  /** What it finds: labels by task, and the folder of a submission that a task's files go to. */
  readonly tasks: Readonly<Record<string, { labels: readonly string[]; folder: string | readonly string[] }>>;
  /** For people: TensorFlow's version, the device's name, threads. */
  readonly engine: string;
  /** Frees its memory. */
  close(): void;
  /**
   * What `predict` calls.
   * @param texts as `predict` takes them
   * @param signal stops it after the batch at hand
   */
  find(texts: AsyncIterable<Text> | Iterable<Text>, signal: AbortSignal): AsyncGenerator<Prediction>;
}

/**
 * Opens what `meddoprof train` has left: a run, or one of its checkpoints; of several the means of their scores decide.
 * @param runs their folders, or those of checkpoints or packed models; `hub:org/name` is fetched to models/name where it is not there
 * @param options what computes, and how
 * @param context is told which engine was taken in place of a faster one, and why
 * @throws InputError for a folder that holds no checkpoint or a damaged one, or an engine, device or precision that is not
 * there; UsageError for no folder, an option, a setting or a batch size that is wrong, or models that find different things
 */
export async function openModel(
  runs: string | readonly string[],
  options: ModelOptions = {},
  context: Context = createContext(),
): Promise<Model> {
  const [first, ...others] = [runs].flat();
  if (first === undefined) throw new UsageError('name the folder of a run to open');
  for (const run of [first, ...others]) checkText('run', run);
  checkOptions(options, modelOptions);
  checkList('set', options.set);
  const { openRun } = await import('../predict/openRun.js');
  const { tasks, engine, find, dispose } = await openRun([first, ...others], options, context);
  return {
    tasks,
    engine: engine.description,
    close: dispose,
    async *find(texts, signal) {
      if (!isStream(texts)) throw new UsageError('texts needs a list, or a stream, of { name, text }');
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

/** A string could be gone through, too, letter by letter. */
function isStream(texts: unknown): boolean {
  return texts instanceof Object && (Symbol.asyncIterator in texts || Symbol.iterator in texts);
}

/**
 * Finds spans and codes in texts, in their order, as they come: a stream of millions holds no more than a few hundred
 * windows.
 * @param model what `openModel` has opened
 * @param texts of any length and number, names and all
 * @param options how it ends
 * @param options.signal stops it after the batch at hand
 * @throws Interrupted where it was stopped; UsageError where the model was closed, or another engine was started, before or
 * meanwhile; InputError for a text that is none, where the model's scores are no numbers, or the memory of the device does not suffice, with the
 * batch size that would do
 */
export function predict(
  model: Model,
  texts: AsyncIterable<Text> | Iterable<Text>,
  options: { signal?: AbortSignal } = {},
): AsyncGenerator<Prediction, void> {
  checkOptions(options, { signal: true });
  return model.find(texts, options.signal ?? new AbortController().signal);
}
