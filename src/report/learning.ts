import { InputError } from '../errors.js';
import { runPaths } from '../runFolder/paths.js';
import { expandSchedule } from '../config/schedule.js';
import type { FinishedRun } from '../runFolder/finished.js';
import type { Learning } from './data.js';

/** Points of a line: of more, each shows the mean of some. */
const POINTS = 400;

/**
 * How a run learned: its epochs with what the schedule said of them, and what was logged between.
 * @throws InputError for an epoch that the schedule does not have
 */
export function learningOf({
  folder,
  config,
  epochs,
  steps,
}: Pick<FinishedRun, 'folder' | 'config' | 'epochs' | 'steps'>): Learning {
  const schedule = expandSchedule(config.training);
  return {
    epochs: epochs.map(({ epoch, step, isBest, tasks, words }, i) => {
      const planned = schedule[epoch];
      if (!planned)
        throw new InputError(
          `${runPaths(folder).metrics} has an epoch ${epoch}, and config.yaml plans ${schedule.length}, from 0: put both files back`,
        );
      const { windows, negatives, frozen } = planned;
      const logged = steps.findLast((line) => line.epoch === epoch)?.rate;
      const rate = config.training.rateDecay === 'epochs' ? planned.rate : (logged ?? planned.rate);
      return {
        epoch,
        from: epochs[i - 1]?.step ?? 0,
        to: step,
        windows,
        negatives,
        rate,
        isBest,
        headRate: rate * config.training.headRateFactor,
        frozen: frozen === 'encoder' ? 'encoder' : frozen.join(', ') || 'none',
        tasks: f1Of(tasks),
        words: f1Of(words),
      };
    }),
    steps: thinned(
      steps.map(({ step, rate, loss, gradientNorm, tokens }) => {
        return { step, rate, loss, gradientNorm, tokens: f1Of(tokens) };
      }),
    ),
  };
}

function f1Of(scores: Record<string, { f1: number }>): Record<string, number> {
  return Object.fromEntries(Object.entries(scores).map(([name, { f1 }]) => [name, f1]));
}

function thinned(steps: Learning['steps']): Learning['steps'] {
  const size = Math.ceil(steps.length / POINTS);
  if (size <= 1) return steps;
  return Array.from({ length: Math.ceil(steps.length / size) }, (_, i) => {
    const some = steps.slice(i * size, (i + 1) * size);
    const mean = (value: (step: Learning['steps'][number]) => number) =>
      some.reduce((sum, step) => sum + value(step), 0) / some.length;
    const last = some.at(-1)!;
    return {
      step: last.step,
      rate: last.rate,
      loss: mean(({ loss }) => loss),
      gradientNorm: mean(({ gradientNorm }) => gradientNorm),
      tokens: Object.fromEntries(
        Object.keys(last.tokens).map((head) => [head, mean(({ tokens }) => tokens[head]!)]),
      ),
    };
  });
}
