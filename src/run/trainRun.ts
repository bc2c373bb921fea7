import { rm, rmdir } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import { startEngine, type Engine } from '../backend/engine.js';
import { DeviceLost, deviceError } from '../backend/failure.js';
import { formatConfig } from '../config/format.js';
import type { Config } from '../config/schema.js';
import type { Document } from '../data/document.js';
import { readText } from '../files/text.js';
import { syncFile, writeAtomically } from '../files/write.js';
import { warningLines } from '../data/warnings.js';
import { readSplit, writeSplit } from '../data/split.js';
import { InputError } from '../errors.js';
import { recordFormat } from '../formats/record.js';
import { readStored } from '../formats/stored.js';
import { linkModel, recoverFolder, saveCheckpoint } from '../train/checkpoint.js';
import { LostNumbers } from '../train/lostNumbers.js';
import { train, type Progress, type TrainingEvent } from '../train/train.js';
import { augmentRun } from './augmentCorpus.js';
import { claimFolder } from './claim.js';
import { evaluateRun, type RunEvaluation } from './evaluateRun.js';
import { recordFailure } from './failure.js';
import { configuredNormalizer, saveConfigured } from './normalizer.js';
import type { EvaluatedCodes } from './evaluateCodes.js';
import { cutMetrics, writeMetrics } from './metrics.js';
import { runPaths, type RunPaths } from './paths.js';
import { closePrepared, noticesOf, prepareData, withDocuments, type PreparedData } from './prepare.js';
import { provenanceOf } from './provenance.js';
import { recordSession } from './record.js';
import { openSession, type Session } from './session.js';
import { tensorboardWriter } from './tensorboard.js';

export interface RunOptions {
  folder: string;
  resume: boolean;
  /** Stop after the current step, with a checkpoint, when it is aborted. */
  signal?: AbortSignal;
  onNotice?: (text: string) => void;
  onCacheProgress?: (done: number, total: number) => void;
  onAugmentProgress?: (done: number, total: number) => void;
  onEmbedProgress?: (done: number, total: number) => void;
  /** Steps of the sentence encoder's training. */
  onPairProgress?: (done: number, total: number) => void;
  /** Every step and epoch, with the seconds that the run has taken so far. */
  onEvent?: (event: TrainingEvent, session: Session, seconds: number) => void;
}

export interface RunResult {
  folder: string;
  /** False where the run was interrupted: it can be resumed. */
  finished: boolean;
  progress: Progress;
  evaluation?: RunEvaluation;
  /** Codes for the gold spans of the documents that are scored. */
  codes?: EvaluatedCodes;
}

/**
 * One run: trains in a folder of its own, with metrics, checkpoints and TensorBoard files as it goes, then
 * evaluates the best checkpoint. Resumes one that was cut off. The folder is locked meanwhile.
 * @throws UsageError for a folder that is in use, or a resume with another config
 */
export async function trainRun(config: Config, options: RunOptions): Promise<RunResult> {
  const paths = runPaths(options.folder);
  const { hasCheckpoint, unlock } = await claimFolder(paths, config, options.resume);
  try {
    return await trainIn(paths, config, hasCheckpoint, options);
  } catch (thrown) {
    const error = await explained(thrown, paths);
    await recordFailure(paths, error);
    throw error;
  } finally {
    unlock();
    await rmdir(paths.folder).catch(() => {}); // where it failed before anything was written
  }
}

/** A device's failure in words; with what is left of a run whose device or numbers were lost. Else as it is. */
async function explained(thrown: unknown, { folder, last, best }: RunPaths): Promise<unknown> {
  const error = deviceError(thrown);
  const lost = error instanceof LostNumbers;
  if (!lost && !(error instanceof DeviceLost)) return error;
  const kept = (await recoverFolder(last)) ? 'the last checkpoint is kept' : 'there was no checkpoint yet';
  if (!lost) {
    const goOn = `${kept}, go on with meddoprof train --resume ${folder}`;
    return new InputError(`${error.message}; ${goOn}`, { cause: error });
  }
  const stands = (await recoverFolder(best)) ? `, and the best one so far stands in ${best}` : '';
  const again = 'with --resume the same config comes to the same step';
  return new InputError(`${error.message}; ${kept}${stands}; ${again}`, { cause: error });
}

async function trainIn(
  paths: RunPaths,
  config: Config,
  hasCheckpoint: boolean,
  options: RunOptions,
): Promise<RunResult> {
  const began = performance.now();
  let data = await prepareData(config);
  for (const line of warningLines(data.corpus)) options.onNotice?.(line);
  try {
    const engine = await startEngine(config.backend);
    if (engine.notice) options.onNotice?.(engine.notice);
    if (hasCheckpoint) await checkData(paths, data);
    else await describeRun(paths, config, data, engine);
    data = await withDocuments(data, await augment(paths, config, data, options), config);
    for (const notice of noticesOf(data)) options.onNotice?.(notice);
  } catch (error) {
    await closePrepared(data);
    throw error;
  }
  const session = await openSession(config, data, {
    cacheFolder: config.training.cacheFolder ?? paths.cache,
    ...(hasCheckpoint && { checkpoint: paths.last }),
    ...(options.onCacheProgress && { onCacheProgress: options.onCacheProgress }),
    ...(options.onNotice && { onNotice: options.onNotice }),
  });
  let progress = session.from;
  if (isBestEpoch(progress, data)) await linkModel(paths.last, paths.best); // killed before it was done
  try {
    progress = await consume(paths, session, data, options);
  } finally {
    await session.close();
  }
  const finished = progress.epoch >= session.training.schedule.length;
  const evaluated = finished ? await evaluate(paths, config, data, options) : undefined;
  await recordSession(paths.run, { seconds: (performance.now() - began) / 1000, finished });
  if (!evaluated) return { folder: paths.folder, finished, progress };
  const { evaluation, codes } = evaluated;
  return { folder: paths.folder, finished, progress, evaluation, ...(codes && { codes }) };
}

/** Builds what finds codes, where the corpus has any, and evaluates all tracks. */
async function evaluate(
  paths: RunPaths,
  config: Config,
  { corpus: { documents }, split, scored }: PreparedData,
  { onNotice, onEmbedProgress, onPairProgress }: RunOptions,
) {
  const configured = await configuredNormalizer(config, documents, split, {
    ...(onNotice && { onNotice }),
    ...(onEmbedProgress && { onProgress: onEmbedProgress }),
    ...(onPairProgress && { onTrainProgress: onPairProgress }),
  });
  if (!configured) return evaluateRun(paths, scored);
  const { normalizer } = configured;
  try {
    await saveConfigured(paths.normalizer, configured);
    return await evaluateRun(paths, scored, { normalizer, allCodes: config.data.codes === null });
  } finally {
    normalizer.dispose();
  }
}

/** The run's new examples; its first phase, where it has any. */
function augment(
  paths: RunPaths,
  config: Config,
  data: PreparedData,
  { onNotice, onAugmentProgress }: RunOptions,
): Promise<Document[]> {
  return augmentRun(config, data, paths.augmented, {
    ...(onNotice && { onNotice }),
    ...(onAugmentProgress && { onProgress: onAugmentProgress }),
  });
}

/** Takes the events of the training: files, checkpoints, and whoever watches. */
async function consume(
  paths: RunPaths,
  session: Session,
  data: PreparedData,
  { onEvent, signal }: RunOptions,
): Promise<Progress> {
  const { training, settings, base } = session;
  const { tokenizer } = data;
  const checkpoint = async (progress: Progress) => {
    await syncFile(paths.metrics); // what was logged until then must not be lost before it
    await saveCheckpoint(paths.last, training.parameters, progress, { settings, tokenizer, base });
  };
  const before = await cutMetrics(paths.metrics, session.from.step, session.from.epoch);
  const started = performance.now();
  const toTensorboard = await tensorboardWriter(paths.tensorboard, {
    config: await readText(paths.config),
    from: session.from.step,
  });
  let progress = session.from;
  for await (const event of train(training, session.from)) {
    ({ progress } = event);
    const seconds = before + (performance.now() - started) / 1000;
    await writeMetrics(paths.metrics, event, seconds);
    await toTensorboard(event, training.parameters);
    onEvent?.(event, session, seconds);
    if (event.kind === 'epoch') {
      await checkpoint(progress);
      if (event.isBest) await linkModel(paths.last, paths.best);
    } else if (signal?.aborted) {
      await checkpoint(await event.checkpoint());
      break;
    } else if (progress.step % training.options.checkpointSteps === 0) {
      await checkpoint(await event.checkpoint());
    }
  }
  return progress;
}

/** Whether a training stands right after its best epoch: the checkpoint is that of the best model. */
function isBestEpoch({ best, epoch, stepOfEpoch }: Progress, { validation }: PreparedData): boolean {
  if (stepOfEpoch > 0 || epoch === 0) return false;
  return validation.length === 0 || best?.epoch === epoch - 1;
}

/** Writes what the run is made with. */
async function describeRun(
  paths: RunPaths,
  config: Config,
  data: PreparedData,
  engine: Engine,
): Promise<void> {
  const { folder, hash, documents } = data.corpus;
  await writeAtomically(paths.config, formatConfig(config));
  await writeSplit(paths.split, data.split);
  const started = new Date().toISOString();
  const provenance = await provenanceOf(engine, { folder, hash, documents: documents.length }, config.seed);
  await writeAtomically(paths.run, `${JSON.stringify({ started, ...provenance }, null, 2)}\n`);
  for (const left of [paths.tensorboard, paths.predictions]) await rm(left, { recursive: true, force: true });
}

/** Whether the documents to go on with are those that the run was started with. */
async function checkData(paths: RunPaths, { corpus, split }: PreparedData): Promise<void> {
  const run = await readStored(paths.run, recordFormat);
  if (run.corpus.hash !== corpus.hash)
    throw new InputError(
      `${run.corpus.folder} has changed since ${paths.folder} was started: restore it, or start a new run`,
    );
  const { validation, test } = await readSplit(paths.split);
  if (!isDeepStrictEqual([validation, test], [split.validation, split.test]))
    throw new InputError(
      `data.split holds out other documents than ${paths.split}, with which the run was started: restore it, or start a new run`,
    );
}
