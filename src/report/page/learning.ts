import type { PlotOptions } from '@observablehq/plot';
import type { LearnedEpoch, Learning } from '../data.js';
import { colour } from './colours.js';
import { figure } from './figure.js';
import { percent, rate, score } from './format.js';
import { f1Chart, lossChart, rateChart, scheduleChart } from './learningCharts.js';
import { trackTitle } from './scores.js';
import { section, type Section } from './section.js';

/** How the run learned: the schedule, the rate, the loss, F1 in training and on validation. */
export function learningSection({ epochs, steps }: Learning): Section {
  const heads = Object.keys(steps[0]?.tokens ?? {});
  const tasks = Object.keys(epochs[0]?.tasks ?? {});
  const colourOf = (name: string) => colour([...new Set([...tasks, ...heads])].indexOf(name));
  const last = epochs.at(-1)?.to ?? 0;
  const best = epochs.findLast(({ isBest }) => isBest);
  const x = { domain: [0, last], label: 'step' };
  const chart = (label: string, options: (width: number) => PlotOptions) => ({
    label,
    options: (width: number) => ({ marginLeft: 58, marginRight: 12, x, ...options(width) }),
  });
  return section(
    'learning',
    'Learning',
    figure({
      id: 'figure-learning',
      caption:
        'How the run learned, step by step. Top: which windows of text each epoch took (positive: only those with an ' +
        'entity), and what of the encoder was frozen; the figures are the epochs’ numbers. Then the learning rate of the ' +
        'encoder (the new layers have a multiple of it), the loss (the head’s own, mean since the point before), ' +
        'and F1: lines by token (with the head spans by pair) on the training windows, with dropout; crosses by word and dots by entity on validation, ' +
        'after each epoch. Only the dots are what is reported.' +
        (best ? ` The best epoch, ${best.epoch}, is the one that is evaluated; it is ringed.` : ''),
      legend: [
        { colour: 'var(--positive)', text: 'positive windows' },
        { colour: 'var(--full)', text: 'all windows, or a share of the negative ones' },
        { colour: 'var(--frozen)', text: 'encoder frozen' },
        { colour: 'var(--partly)', text: 'partly frozen' },
        ...[...new Set([...tasks, ...heads])].map((name) => ({
          colour: colourOf(name),
          text: trackTitle(name),
          shape: 'dot' as const,
        })),
      ],
      charts: [
        chart(`Schedule: ${epochs.map(describeEpoch).join('; ')}.`, (width) => scheduleChart(epochs, width)),
        chart('Learning rate of the encoder by step.', () => rateChart(epochs, steps)),
        chart('Training loss by step.', () => lossChart(epochs, steps)),
        chart(
          `F1 by step and by epoch: ${epochs.map((epoch) => `epoch ${epoch.epoch} ${tasks.map((task) => `${task} ${score(epoch.tasks[task]!)}`).join(', ')}`).join('; ')}.`,
          () => f1Chart(epochs, steps, { tasks, heads, colourOf }),
        ),
      ],
      numbers: {
        caption: 'Epochs',
        header: [
          'epoch',
          'windows',
          'steps',
          'rate',
          'new layers',
          'frozen',
          ...tasks.map((task) => `${trackTitle(task)} F1`),
          ...heads.map((head) => `${trackTitle(head)} by word`),
        ],
        rows: epochs.map((epoch) => [
          `${epoch.epoch}${epoch === best ? ' (best)' : ''}`,
          windowsOf(epoch),
          `${epoch.from + 1}–${epoch.to}`,
          rate(epoch.rate),
          rate(epoch.headRate),
          epoch.frozen,
          ...tasks.map((task) => score(epoch.tasks[task]!)),
          ...heads.map((head) => (epoch.words[head] === undefined ? '–' : score(epoch.words[head]))),
        ]),
      },
    }),
  );
}

function windowsOf({ windows, negatives }: LearnedEpoch): string {
  if (windows === 'positive') return 'positive';
  return negatives === 1 ? 'all' : `positive and ${percent(negatives)} of the others`;
}

function describeEpoch(epoch: LearnedEpoch): string {
  return `epoch ${epoch.epoch}, windows ${windowsOf(epoch)}, rate ${rate(epoch.rate)}, frozen ${epoch.frozen}`;
}
