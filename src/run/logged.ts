import type { Ratios } from '../eval/scores.js';
import type { TrainingEvent, Validation } from '../train/events.js';

/** Lines of metrics.jsonl as they are written. `seconds` of training and validation until then, earlier sessions included. */
interface StepMetrics {
  kind: 'step';
  step: number;
  epoch: number;
  rate: number;
  loss: number;
  gradientNorm: number;
  tokens: Record<string /*output*/, Ratios>;
  seconds: number;
}
/** An epoch after which nothing was validated has no scores, and no `f1`. */
interface EpochMetrics extends Omit<Validation, 'f1'> {
  kind: 'epoch';
  f1?: number;
  step: number;
  epoch: number;
  isBest: boolean;
  seconds: number;
}

/** What metrics.jsonl keeps of an event, so many seconds after the beginning; nothing of a step that is not logged. */
export function loggedLine(event: TrainingEvent, after: number): StepMetrics | EpochMetrics | undefined {
  const seconds = Math.round(after * 10) / 10;
  if (event.kind === 'step') {
    if (!event.log) return undefined;
    const { epoch, step } = event.progress;
    const { loss, gradientNorm, tokens } = event.log;
    return { kind: 'step', step, epoch, rate: event.rate, loss, gradientNorm, tokens, seconds };
  }
  const { epoch, progress, validation, isBest } = event;
  const scores = validation ?? { tasks: {}, words: {} };
  return { kind: 'epoch', step: progress.step, epoch, isBest, ...scores, seconds };
}
