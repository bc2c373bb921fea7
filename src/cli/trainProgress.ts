import cliProgress from 'cli-progress';
import type { TrainingEvent } from '../train/train.js';
import { formatDuration, formatScore } from './format.js';
import type { Output } from './output.js';

export interface TrainProgress {
  event(event: TrainingEvent, totalSteps: number, seconds: number): void;
  stop(): void;
}

/**
 * Shows a training on stderr: a bar with loss, rate and time left on a terminal, a line per log interval
 * elsewhere, nothing with --quiet.
 */
export function trainProgress(output: Output): TrainProgress {
  if (output.quiet) return { event: () => {}, stop: () => {} };
  return process.stderr.isTTY ? barProgress(output) : lineProgress(output);
}

function lineProgress(output: Output): TrainProgress {
  let first: { step: number; seconds: number } | undefined;
  return {
    stop: () => {},
    event(event, totalSteps, seconds) {
      first ??= { step: event.progress.step - 1, seconds };
      if (event.kind === 'epoch') output.notice(epochLine(event));
      else if (event.log)
        output.notice(`${stepLine(event, totalSteps)}  ${timing(event, first, totalSteps, seconds)}`);
    },
  };
}

function barProgress(output: Output): TrainProgress {
  const bar = new cliProgress.SingleBar(
    {
      format: '{bar} {percentage}%  {line}',
      stream: process.stderr,
      hideCursor: true,
      linewrap: true, // a narrow terminal wraps the line instead of losing its end
      clearOnComplete: true,
    },
    cliProgress.Presets.shades_classic,
  );
  let first: { step: number; seconds: number } | undefined;
  let line = '';
  let running = false;
  const stop = () => {
    if (running) bar.stop();
    running = false;
  };
  return {
    stop,
    event(event, totalSteps, seconds) {
      first ??= { step: event.progress.step - 1, seconds };
      if (event.kind === 'epoch') {
        stop();
        output.notice(epochLine(event));
        return;
      }
      if (event.log) line = stepLine(event, totalSteps);
      if (!running) bar.start(totalSteps, event.progress.step, { line });
      running = true;
      bar.update(event.progress.step, { line: `${line}  ${timing(event, first, totalSteps, seconds)}` });
    },
  };
}

function stepLine(event: TrainingEvent & { kind: 'step' }, totalSteps: number): string {
  const { epoch, step } = event.progress;
  const tokens = Object.entries(event.log?.tokens ?? {}).map(
    ([head, { f1 }]) => `${head} ${formatScore(f1)}`,
  );
  return [
    `epoch ${epoch}`,
    `step ${step}/${totalSteps}`,
    `loss ${event.log!.loss.toFixed(4)}`,
    `token F1 ${tokens.join(' ')}`,
    `rate ${event.rate.toExponential(1)}`,
  ].join('  ');
}

function timing(
  { progress }: TrainingEvent,
  first: { step: number; seconds: number },
  totalSteps: number,
  seconds: number,
): string {
  const each = (seconds - first.seconds) / Math.max(1, progress.step - first.step);
  return `${each.toFixed(2)} s/step  ${formatDuration(each * (totalSteps - progress.step))} left`;
}

function epochLine({ epoch, validation, isBest, stopsEarly }: TrainingEvent & { kind: 'epoch' }): string {
  const tasks = Object.entries(validation.tasks).map(
    ([task, { precision, recall, f1 }]) =>
      `${task} P ${formatScore(precision)} R ${formatScore(recall)} F1 ${formatScore(f1)}`,
  );
  const marks = [isBest && 'best so far', stopsEarly && 'no better for a while: stopping'].filter(Boolean);
  return `epoch ${epoch} done, validation: ${tasks.join(' · ')}${marks.length ? ` (${marks.join(', ')})` : ''}`;
}
