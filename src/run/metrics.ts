import { appendFile } from 'node:fs/promises';
import { exists, readText } from '../files/text.js';
import { writeAtomically } from '../files/write.js';
import { type LoggedLine, metricsFormat } from '../formats/metrics.js';
import { parseStored } from '../formats/stored.js';
import type { TrainingEvent, Validation } from '../train/events.js';
import type { Ratios } from '../eval/scores.js';

/** Lines of metrics.jsonl as they are written. `seconds` of training and validation until then, earlier sessions included. */
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

/** The same as they are read. */
export type LoggedStep = Extract<LoggedLine, { kind: 'step' }>;
export type LoggedEpoch = Extract<LoggedLine, { kind: 'epoch' }>;

/** Appends a line of JSON per logged step and per epoch to metrics.jsonl. */
export async function writeMetrics(file: string, event: TrainingEvent, seconds: number): Promise<void> {
  const line = metricsOf(event);
  if (line)
    await appendFile(file, `${JSON.stringify({ ...line, seconds: Math.round(seconds * 10) / 10 })}\n`);
}

/** Drops what a cut-off run logged after the checkpoint that it goes on from. Returns the seconds spent. */
export async function cutMetrics(file: string, step: number, epoch: number): Promise<number> {
  const kept = (await readLines(file)).filter(({ line }) =>
    line.kind === 'epoch' ? line.epoch < epoch : line.step <= step,
  );
  await writeAtomically(file, kept.map(({ text }) => `${text}\n`).join(''));
  return kept.at(-1)?.line.seconds ?? 0;
}

/**
 * What a run has logged; nothing where there is no file. The half line that a killed process has left at the end is
 * passed over. @throws InputError for any other line that is damaged, with its number
 */
export async function readMetrics(file: string): Promise<LoggedLine[]> {
  return (await readLines(file)).map(({ line }) => line);
}

async function readLines(file: string): Promise<{ text: string; line: LoggedLine }[]> {
  if (!(await exists(file))) return [];
  const texts = (await readText(file)).split('\n');
  const last = texts.pop()!; // '' where the file is whole
  if (isJson(last)) texts.push(last);
  return texts.map((text, i) => ({ text, line: parseStored(text, `${file}:${i + 1}`, metricsFormat) }));
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
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
