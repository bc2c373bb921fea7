import { rmdir } from 'node:fs/promises';
import { startEngine } from '../backend/engine.js';
import { DeviceLost, deviceError } from '../backend/failure.js';
import { eachInWay } from '../backend/precision.js';
import type { Config } from '../config/schema.js';
import { recoverFolder } from '../files/replace.js';
import { readText } from '../files/text.js';
import { syncFile } from '../files/write.js';
import { warningLines } from '../data/warnings.js';
import type { Context } from '../context.js';
import { InputError, Interrupted } from '../errors.js';
import { linkModel, saveCheckpoint } from '../train/checkpoint.js';
import { LostNumbers } from '../train/lostNumbers.js';
import type { Progress, StepEvent, TrainingEvent } from '../train/events.js';
import { train } from '../train/train.js';
import { augmentRun, checkAugmentation } from './augmentCorpus.js';
import { checkpointPace } from './checkpointPace.js';
import { claimFolder } from './claim.js';
import { checkData, describeRun } from './describeRun.js';
import { evaluateRun } from './evaluateRun.js';
import type { RunEvent, RunResult } from './events.js';
import { recordFailure } from '../runFolder/failure.js';
import { configuredNormalizer, saveConfigured } from './normalizer.js';
import { appendMetrics, cutMetrics } from '../runFolder/metrics.js';
import { runPaths, type RunPaths } from '../runFolder/paths.js';
import { closePrepared, noticesOf, prepareData, withDocuments, type PreparedData } from './prepare.js';
import { loggedLine } from './logged.js';
import { recordSession } from '../runFolder/record.js';
import { openSession, type Session } from './session.js';
import { taught } from './teach.js';
import { describeTeachers } from './teachers.js';
import { tensorboardWriter } from './tensorboard.js';

export interface RunOptions {
  folder: string;
  resume: boolean;
}

/** The phase of the training's steps. */
export const TRAINING = 'training steps';

/**
 * One run: trains in a folder of its own, with metrics, checkpoints and TensorBoard files as it goes, then
 * evaluates the best checkpoint. Resumes one that was cut off. The folder is locked meanwhile. Yields what happens.
 * @throws UsageError for a folder that is in use, or a resume with another config; Interrupted once the context's
 * signal has stopped it: then it can be resumed, and nothing is computed twice. Who only stops taking events
 * loses the steps since the last checkpoint.
 */
export async function* trainRun(
  config: Config,
  options: RunOptions,
  context: Context,
): AsyncGenerator<RunEvent, void> {
  const paths = runPaths(options.folder);
  const { hasCheckpoint, unlock } = await claimFolder(paths, config, options.resume);
  const began = performance.now();
  const record = (finished: boolean) =>
    recordSession(paths.run, { seconds: (performance.now() - began) / 1000, finished });
  try {
    const training = trainIn(paths, config, hasCheckpoint, context);
    const result = yield* eachInWay(config.backend, training);
    await record(true);
    yield { kind: 'end', result };
  } catch (thrown) {
    const error = await explained(thrown, paths);
    if (error instanceof Interrupted) await record(false);
    else await recordFailure(paths, error);
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

async function* trainIn(
  paths: RunPaths,
  config: Config,
  hasCheckpoint: boolean,
  context: Context,
): AsyncGenerator<RunEvent, RunResult> {
  let data = await prepareData(config);
  for (const line of warningLines(data.corpus)) context.notice(line);
  try {
    if (!hasCheckpoint) await checkAugmentation(config, data);
    const engine = await startEngine(config.backend, context);
    const teachers = await describeTeachers(data.teachers);
    if (hasCheckpoint) await checkData(paths, data, teachers);
    else await describeRun(paths, config, data, { engine, teachers });
    data = await withDocuments(data, await augmentRun(config, data, paths.augmented, context), config);
    data = await taught(data, config, teachers, context);
    for (const notice of noticesOf(data, config)) context.notice(notice);
  } catch (error) {
    await closePrepared(data);
    throw error;
  }
  const cacheFolder = config.training.cacheFolder ?? paths.cache;
  const from = hasCheckpoint && { checkpoint: paths.last };
  const session = await openSession(config, data, { cacheFolder, ...from }, context);
  let progress = session.from;
  try {
    if (isBestEpoch(progress, data)) await linkModel(paths.last, paths.best); // killed before it was done
    yield { kind: 'begin', work: session.work };
    for await (const event of recorded(paths, session, data, context)) {
      ({ progress } = event);
      yield event;
    }
  } finally {
    await session.close();
  }
  return { folder: paths.folder, progress, ...(await evaluate(paths, config, data, context)) };
}

/** Builds what finds codes, where the corpus has any, and evaluates all tracks. */
async function evaluate(
  paths: RunPaths,
  config: Config,
  { corpus: { documents }, split, scored }: PreparedData,
  context: Context,
) {
  const configured = await configuredNormalizer(config, documents, split, context);
  if (!configured) return evaluateRun(paths, scored, undefined, context);
  const { normalizer } = configured;
  try {
    await saveConfigured(paths.normalizer, configured);
    const codes = { normalizer, allCodes: config.data.codes === null };
    return await evaluateRun(paths, scored, codes, context);
  } finally {
    normalizer.dispose();
  }
}

/** The events of the training, each once it is in the run's files. A stop is kept as a checkpoint first. */
async function* recorded(
  paths: RunPaths,
  session: Session,
  data: PreparedData,
  context: Context,
): AsyncGenerator<TrainingEvent & { seconds: number }> {
  const { training, settings, base } = session;
  const { tokenizer } = data;
  const pace = checkpointPace();
  const checkpoint = (progress: Progress) =>
    pace.write(async () => {
      await syncFile(paths.metrics); // what was logged until then must not be lost before it
      await saveCheckpoint(paths.last, training.parameters, progress, { settings, tokenizer, base });
    });
  const before = await cutMetrics(paths.metrics, session.from.step, session.from.epoch);
  const started = performance.now();
  const toTensorboard = await tensorboardWriter(paths.tensorboard, {
    config: await readText(paths.config),
    from: session.from.step,
  });
  const reached = context.phase(TRAINING, session.work.steps);
  const isOver = session.from.epoch >= session.work.epochs;
  await reached(isOver ? session.work.steps : session.from.step);
  let unkept: StepEvent | undefined;
  const keep = async () => {
    if (unkept) await checkpoint(await unkept.checkpoint());
    unkept = undefined;
  };
  try {
    for await (const event of train(training, session.from)) {
      const { step } = event.progress;
      unkept = event.kind === 'step' ? event : undefined;
      const seconds = before + (performance.now() - started) / 1000;
      const line = loggedLine(event, seconds);
      if (line) await appendMetrics(paths.metrics, line);
      await toTensorboard(event, training.parameters);
      if (event.kind === 'epoch') {
        await checkpoint(event.progress);
        if (event.isBest) await linkModel(paths.last, paths.best);
      } else if (step % training.options.checkpointSteps === 0 && pace.allows()) {
        await keep();
      }
      yield { ...event, seconds };
      if (event.kind === 'epoch') await reached(event.stopsEarly ? session.work.steps : step);
      else if (event.progress.stepOfEpoch < event.stepsOfEpoch) await reached(step, keep);
      // The last step of an epoch is not kept before its validation, which hears a stop by itself.
    }
  } catch (error) {
    if (!(error instanceof Interrupted) || !unkept) throw error;
    const { epoch } = unkept.progress;
    await keep();
    throw new Interrupted(`Stopped in the validation of epoch ${epoch}`, { cause: error });
  }
}

/** Whether a training stands right after its best epoch: the checkpoint is that of the best model. */
function isBestEpoch({ best, epoch, stepOfEpoch }: Progress, { validation }: PreparedData): boolean {
  if (stepOfEpoch > 0 || epoch === 0) return false;
  return validation.length === 0 || best?.epoch === epoch - 1;
}
