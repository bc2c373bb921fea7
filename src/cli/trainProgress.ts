import cliProgress from 'cli-progress';
import type { TrainingEvent } from '../train/events.js';
import { formatDuration, formatScore } from './format.js';
import type { Output } from './output.js';
import type { TrainingWork } from '../run/events.js';
import { trainingPace, type Pace } from './timeLeft.js';

export interface TrainProgress {
  /** `seconds` since the run began. */
  event(event: TrainingEvent, work: TrainingWork, seconds: number): void;
  stop(): void;
}

/**
 * Shows a training on stderr: a bar with loss, rate and time left on a terminal, a line per log interval
 * elsewhere, nothing with --quiet. The time left is that of all epochs, their validations and the evaluation.
 */
export function trainProgress(output: Output): TrainProgress {
  if (output.quiet) return { event: () => {}, stop: () => {} };
  const show = process.stderr.isTTY ? stepBar() : stepLines(output);
  let pace: Pace | undefined;
  return {
    stop: show.stop,
    event(event, work, seconds) {
      pace ??= trainingPace(work);
      pace.event(event, seconds);
      if (event.kind === 'step') return show.step(event, work, pace);
      show.stop();
      output.notice(epochLine(event));
    },
  };
}

interface StepDisplay {
  step(event: StepEvent, work: TrainingWork, pace: Pace): void;
  stop(): void;
}

type StepEvent = TrainingEvent & { kind: 'step' };

function stepLines(output: Output): StepDisplay {
  return {
    stop: () => {},
    step(event, { steps }, pace) {
      if (event.log) output.notice([place(event, steps), learned(event), timing(pace)].join('  '));
    },
  };
}

function stepBar(): StepDisplay {
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
  let last = ''; // what the last log said
  let running = false;
  return {
    stop() {
      if (running) bar.stop();
      running = false;
    },
    step(event, { steps }, pace) {
      const { step, stepOfEpoch } = event.progress;
      if (event.log) last = learned(event);
      const validating = stepOfEpoch === event.stepsOfEpoch ? 'validating' : '';
      const line = [place(event, steps), last, timing(pace), validating].filter(Boolean).join('  ');
      if (!running) bar.start(steps, step, { line });
      running = true;
      bar.update(step, { line });
    },
  };
}

function place({ progress: { epoch, step } }: StepEvent, steps: number): string {
  return `epoch ${epoch}  step ${step}/${steps}`;
}

function learned(event: StepEvent): string {
  const tokens = Object.entries(event.log?.tokens ?? {}).map(
    ([head, { f1 }]) => `${head} ${formatScore(f1)}`,
  );
  return [
    `loss ${event.log!.loss.toFixed(4)}`,
    `token F1 ${tokens.join(' ')}`,
    `rate ${event.rate.toExponential(1)}`,
  ].join('  ');
}

function timing(pace: Pace): string {
  const step = pace.step();
  return `${step === undefined ? '?' : step.toFixed(2)} s/step  ${timeLeft(pace)}`;
}

function timeLeft(pace: Pace): string {
  const left = pace.left();
  return `${left === undefined ? '?' : formatDuration(left)} left`;
}

function epochLine({ epoch, validation, isBest, stopsEarly }: TrainingEvent & { kind: 'epoch' }): string {
  if (!validation) return `epoch ${epoch} done`;
  const tasks = Object.entries(validation.tasks).map(
    ([task, { precision, recall, f1 }]) =>
      `${task} P ${formatScore(precision)} R ${formatScore(recall)} F1 ${formatScore(f1)}`,
  );
  const marks = [isBest && 'best so far', stopsEarly && 'no better for a while: stopping'].filter(Boolean);
  return `epoch ${epoch} done, validation: ${tasks.join(' · ')}${marks.length ? ` (${marks.join(', ')})` : ''}`;
}
