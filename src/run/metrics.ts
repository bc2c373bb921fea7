import { appendFile, readFile } from 'node:fs/promises';
import { writeAtomically } from '../data/files.js';
import type { TrainingEvent } from '../train/train.js';

/** Appends a line of JSON per logged step and per epoch to metrics.jsonl. */
export async function writeMetrics(file: string, event: TrainingEvent, seconds: number): Promise<void> {
  const line = metricsOf(event);
  if (line)
    await appendFile(file, `${JSON.stringify({ ...line, seconds: Math.round(seconds * 10) / 10 })}\n`);
}

/** Drops what a cut-off run logged after the checkpoint that it goes on from. Returns the seconds spent. */
export async function cutMetrics(file: string, step: number, epoch: number): Promise<number> {
  const content = await readFile(file, 'utf8').catch(() => '');
  const lines = content.split('\n').filter((line) => {
    try {
      const entry = JSON.parse(line) as { kind: string; step: number; epoch: number };
      return entry.kind === 'epoch' ? entry.epoch < epoch : entry.step <= step;
    } catch {
      return false; // the half line of a killed process, and the empty end
    }
  });
  await writeAtomically(file, lines.map((line) => `${line}\n`).join(''));
  return lines.length ? (JSON.parse(lines.at(-1)!) as { seconds: number }).seconds : 0;
}

function metricsOf(event: TrainingEvent): object | undefined {
  if (event.kind === 'step') {
    if (!event.log) return undefined;
    const { epoch, step } = event.progress;
    const { loss, gradientNorm, tokens } = event.log;
    return { kind: 'step', step, epoch, rate: event.rate, loss, gradientNorm, tokens };
  }
  const { epoch, progress, validation, isBest } = event;
  return { kind: 'epoch', step: progress.step, epoch, isBest, ...validation };
}
