import { axisX, axisY, dot, line, rect, ruleX, ruleY, text, type PlotOptions } from '@observablehq/plot';
import type { LearnedEpoch, LearnedStep, Learning } from '../data.js';
import { colour } from './colours.js';
import { figure } from './figure.js';
import { percent, rate, score } from './format.js';
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
        'encoder (the new layers have a multiple of it), the loss (binary cross-entropy, mean since the point before), ' +
        'and F1: lines by token on the training windows, with dropout; crosses by word and dots by entity on validation, ' +
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

function scheduleChart(epochs: LearnedEpoch[], width: number): PlotOptions {
  const last = epochs.at(-1)?.to ?? 0;
  const bands = epochs.flatMap(({ epoch, from, to, windows, frozen }) => [
    { from, to, row: 'windows', text: String(epoch), fill: `var(--${windows})` },
    {
      ...{ from, to, row: 'frozen', text: frozen === 'none' || frozen === 'encoder' ? frozen : 'part' },
      fill: frozen === 'none' ? 'var(--paper)' : frozen === 'encoder' ? 'var(--frozen)' : 'var(--partly)',
    },
  ]);
  const fits = ({ from, to, text: words }: Band) =>
    ((to - from) / last) * (width - 70) > 7 * words.length + 4;
  return {
    height: 58,
    marginTop: 6,
    marginBottom: 6,
    x: { domain: [0, last], axis: null },
    y: { type: 'band', domain: ['windows', 'frozen'], label: null, padding: 0.12 },
    marks: [
      axisY({ tickSize: 0, label: null }),
      rect(bands, { x1: 'from', x2: 'to', y: 'row', fill: 'fill', stroke: 'var(--line-strong)' } as never),
      text(bands.filter(fits), {
        x: (band: Band) => (band.from + band.to) / 2,
        y: 'row',
        text: 'text',
        fill: 'var(--ink)',
      }),
    ],
  };
}

interface Band {
  from: number;
  to: number;
  text: string;
}

function rateChart(epochs: LearnedEpoch[], steps: LearnedStep[]): PlotOptions {
  return {
    height: 84,
    marginBottom: 8,
    marginTop: 12,
    x: { domain: [0, epochs.at(-1)?.to ?? 0], axis: null },
    y: { domain: [0, Math.max(...epochs.map((epoch) => epoch.rate))], label: null },
    marks: [
      ...epochBounds(epochs),
      axisY({
        ticks: 2,
        tickFormat: (value: number) => (value === 0 ? '0' : rate(value)),
        tickSize: 0,
        label: null,
      }),
      ruleY([0], { stroke: 'var(--line-strong)' }),
      title('rate'),
      line(steps, { x: 'step', y: 'rate', stroke: 'currentColor', strokeWidth: 1.5, curve: 'step-before' }),
    ],
  };
}

function lossChart(epochs: LearnedEpoch[], steps: LearnedStep[]): PlotOptions {
  return {
    height: 120,
    marginBottom: 8,
    marginTop: 12,
    x: { domain: [0, epochs.at(-1)?.to ?? 0], axis: null },
    y: { domain: [0, Math.max(0, ...steps.map((step) => step.loss))], label: null },
    marks: [
      ...epochBounds(epochs),
      axisY({
        ticks: 3,
        tickFormat: (value: number) => (value === 0 ? '0' : score(value, 2)),
        tickSize: 0,
        label: null,
      }),
      ruleY([0], { stroke: 'var(--line-strong)' }),
      title('loss'),
      line(steps, {
        x: 'step',
        y: 'loss',
        stroke: 'currentColor',
        strokeWidth: 1.5,
        tip: { format: { x: true, y: (value: number) => value.toPrecision(3) } },
      }),
    ],
  };
}

function f1Chart(
  epochs: LearnedEpoch[],
  steps: LearnedStep[],
  { tasks, heads, colourOf }: { tasks: string[]; heads: string[]; colourOf: (name: string) => string },
): PlotOptions {
  const best = epochs.findLast(({ isBest }) => isBest);
  return {
    height: 280,
    marginBottom: 38,
    marginTop: 16,
    y: { domain: [0, 1], label: null },
    marks: [
      ...epochBounds(epochs),
      axisY({ ticks: 5, tickFormat: (value: number) => score(value, 1), tickSize: 0, label: null }),
      axisX({ label: 'step', labelAnchor: 'center', labelArrow: 'none', tickSize: 3, ticks: 5 }),
      ruleY([0, 0.2, 0.4, 0.6, 0.8, 1], { stroke: 'var(--line)' }),
      title('F1', 'bottom-right'),
      ...heads.map((head) =>
        line(steps, {
          x: 'step',
          y: (step: LearnedStep) => step.tokens[head],
          stroke: colourOf(head),
          strokeOpacity: 0.55,
          strokeWidth: 1.25,
        }),
      ),
      ...heads.map((head) =>
        dot(epochs, {
          x: 'to',
          y: (epoch: LearnedEpoch) => epoch.words[head],
          stroke: colourOf(head),
          symbol: 'times',
          r: 4,
          clip: false,
        }),
      ),
      ...tasks.flatMap((task) => [
        line(epochs, {
          x: 'to',
          y: (epoch: LearnedEpoch) => epoch.tasks[task],
          stroke: colourOf(task),
          strokeWidth: 1.5,
          strokeDasharray: '2 3',
        }),
        dot(epochs, {
          x: 'to',
          y: (epoch: LearnedEpoch) => epoch.tasks[task],
          fill: colourOf(task),
          r: 4,
          tip: { format: { x: true, y: (value: number) => score(value) } },
        }),
        ...(best
          ? [
              dot([best], {
                x: 'to',
                y: (epoch: LearnedEpoch) => epoch.tasks[task],
                stroke: colourOf(task),
                r: 7,
              }),
            ]
          : []),
      ]),
    ],
  };
}

/** Where epochs meet, with those of positive windows shaded. */
function epochBounds(epochs: LearnedEpoch[]) {
  return [
    rect(
      epochs.filter(({ windows }) => windows === 'positive'),
      { x1: 'from', x2: 'to', fill: 'var(--positive)', fillOpacity: 0.28 },
    ),
    ruleX(epochs, { x: 'to', stroke: 'var(--line)' }),
  ];
}

function title(name: string, frameAnchor: 'top-right' | 'bottom-right' = 'top-right') {
  const dy = frameAnchor === 'top-right' ? 3 : -6;
  return text([name], {
    ...{ frameAnchor, text: (value: string) => value, dx: -5, dy, textAnchor: 'end', fontStyle: 'italic' },
    ...{ fill: 'currentColor', stroke: 'var(--paper)' },
  });
}
