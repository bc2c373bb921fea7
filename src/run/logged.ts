import type { LoggedLine } from '../formats/metrics.js';
import type { TrainingEvent } from '../train/events.js';

/** What metrics.jsonl keeps of an event, so many seconds after the beginning; nothing of a step that is not logged. */
export function loggedLine(event: TrainingEvent, after: number): LoggedLine | undefined {
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
