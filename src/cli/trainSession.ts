import type { Config } from '../config/schema.js';
import { InputError, INTERRUPTED } from '../errors.js';
import { writeRunReport } from '../report/run.js';
import type { Session } from '../run/session.js';
import { trainRun } from '../run/trainRun.js';
import { epochBatches, stepBatch } from '../train/schedule.js';
import { countProgress } from './countProgress.js';
import type { Output } from './output.js';
import type { TrainingWork } from './timeLeft.js';
import { trainProgress } from './trainProgress.js';
import { evaluationTable } from './trainTables.js';

/** Runs a training under the eyes of a person: progress, Ctrl-C, the final tables. */
export async function train(config: Config, folder: string, resume: boolean, output: Output): Promise<void> {
  const abort = new AbortController();
  let isTraining = false;
  const interrupt = (signal: NodeJS.Signals) => {
    // Before the first step all that was computed is in caches: there is nothing to save.
    if (!isTraining) process.exit(INTERRUPTED);
    if (abort.signal.aborted && signal === 'SIGTERM') return; // a cluster sends it to the whole tree, and more than once
    if (abort.signal.aborted) process.exit(INTERRUPTED);
    output.notice('Stopping after this step, with a checkpoint (Ctrl-C again: at once, without)…');
    abort.abort();
  };
  process.on('SIGINT', interrupt).on('SIGTERM', interrupt);
  const scored = countProgress(output, 'sentences scored', 'then training and evaluation');
  const encoded = countProgress(output, 'windows through the encoder', 'then training and evaluation');
  const paired = countProgress(output, 'steps of the sentence encoder', 'then evaluation');
  const embedded = countProgress(output, 'sentences embedded', 'then evaluation');
  const progress = trainProgress(output);
  let work: TrainingWork | undefined;
  try {
    const result = await trainRun(config, {
      folder,
      resume,
      signal: abort.signal,
      onNotice: (text) => output.notice(text),
      onAugmentProgress: scored.update,
      onCacheProgress: encoded.update,
      onPairProgress: paired.update,
      onEmbedProgress: embedded.update,
      onEvent: (event, session, seconds) => {
        isTraining = true;
        work ??= workOf(session, config);
        progress.event(event, work, seconds);
      },
    });
    progress.stop();
    if (!result.finished) {
      output.notice(
        `Interrupted after step ${result.progress.step}. Go on with: meddoprof train --resume ${folder}`,
      );
      process.exitCode = INTERRUPTED;
      return;
    }
    const isScored = Object.keys(result.evaluation!).length > 0;
    const report = isScored ? await makeReport(folder, output) : undefined;
    output.result({ ...result, ...(report && { report }) }, () =>
      evaluationTable(result.evaluation!, folder, { codes: result.codes, report }),
    );
  } finally {
    for (const one of [scored, encoded, paired, embedded, progress]) one.stop();
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  }
}

function workOf({ training, validationWindows }: Session, { training: options, seed }: Config): TrainingWork {
  const batchSize = stepBatch(options);
  const { schedule, windows } = training;
  return {
    steps: schedule.reduce(
      (sum, epoch, number) => sum + epochBatches(windows, epoch, number, { seed, batchSize }).length,
      0,
    ),
    epochs: schedule.length,
    windows: { step: batchSize, validation: validationWindows },
  };
}

/** The run is done, whatever becomes of its report. */
async function makeReport(folder: string, output: Output): Promise<string | undefined> {
  try {
    return await writeRunReport(folder);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    output.notice(`There is no report: ${error.message} Then: meddoprof report ${folder}`);
    return undefined;
  }
}
