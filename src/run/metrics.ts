import { appendFile, readFile } from 'node:fs/promises';
import { writeAtomically } from '../files/write.js';
import type { TrainingEvent, Validation } from '../train/train.js';
import type { Ratios } from '../eval/scores.js';

/** Lines of metrics.jsonl. `seconds` of training and validation until then, earlier sessions included. */
export interface StepMetrics {
  kind: 'step';
  step: number;
  epoch: number;
  rate: number;
  loss: number;
  gradientNorm: number;
  tokens: Record<string /*head*/, Ratios>;
  seconds: number;
}
/** An epoch after which nothing was validated has no scores, and no `f1`. */
export interface EpochMetrics extends Omit<Validation, 'f1'> {
  kind: 'epoch';
  f1?: number;
  step: number;
  epoch: number;
  isBest: boolean;
  seconds: number;
}
export type Metrics = StepMetrics | EpochMetrics;

/** Appends a line of JSON per logged step and per epoch to metrics.jsonl. */
export async function writeMetrics(file: string, event: TrainingEvent, seconds: number): Promise<void> {
  const line = metricsOf(event);
  if (line)
    await appendFile(file, `${JSON.stringify({ ...line, seconds: Math.round(seconds * 10) / 10 })}\n`);
}

/** Drops what a cut-off run logged after the checkpoint that it goes on from. Returns the seconds spent. */
export async function cutMetrics(file: string, step: number, epoch: number): Promise<number> {
  const kept = (await readMetrics(file)).filter((entry) =>
    entry.kind === 'epoch' ? entry.epoch < epoch : entry.step <= step,
  );
  await writeAtomically(file, kept.map((entry) => `${JSON.stringify(entry)}\n`).join(''));
  return kept.at(-1)?.seconds ?? 0;
}

/** The whole lines of a run's metrics.jsonl; none where there is no file. */
export async function readMetrics(file: string): Promise<Metrics[]> {
  const content = await readFile(file, 'utf8').catch(() => '');
  return content.split('\n').flatMap((line) => {
    try {
      return [JSON.parse(line) as Metrics];
    } catch {
      return []; // the half line of a killed process, and the empty end
    }
  });
}

function metricsOf(
  event: TrainingEvent,
): Omit<StepMetrics, 'seconds'> | Omit<EpochMetrics, 'seconds'> | undefined {
  if (event.kind === 'step') {
    if (!event.log) return undefined;
    const { epoch, step } = event.progress;
    const { loss, gradientNorm, tokens } = event.log;
    return { kind: 'step', step, epoch, rate: event.rate, loss, gradientNorm, tokens };
  }
  const { epoch, progress, validation, isBest } = event;
  return { kind: 'epoch', step: progress.step, epoch, isBest, ...(validation ?? { tasks: {}, words: {} }) };
}
