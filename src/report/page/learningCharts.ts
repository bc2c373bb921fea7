import {
  axisX,
  axisY,
  dot,
  line,
  rect,
  ruleX,
  ruleY,
  text,
  type Markish,
  type PlotOptions,
} from '@observablehq/plot';
import type { LearnedEpoch, LearnedStep } from '../data.js';
import { rate, score } from './format.js';

/** Which windows each epoch took, and what was frozen. */
export function scheduleChart(epochs: LearnedEpoch[], width: number): PlotOptions {
  const last = epochs.at(-1)?.to ?? 0;
  const bands = epochs.flatMap(({ epoch, from, to, windows, frozen }) => [
    { from, to, row: 'windows', text: String(epoch), fill: `var(--${windows})` },
    {
      from,
      to,
      row: 'frozen',
      text: frozen === 'none' || frozen === 'encoder' ? frozen : 'part',
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

/** The learning rate of the encoder, by step. */
export function rateChart(epochs: LearnedEpoch[], steps: LearnedStep[]): PlotOptions {
  const most = [...epochs, ...steps].reduce((greatest, { rate }) => Math.max(greatest, rate), 0);
  const tickFormat = (value: number) => (value === 0 ? '0' : rate(value));
  return stripChart('rate', epochs, { height: 84, most, ticks: 2, tickFormat }, [
    line(steps, { x: 'step', y: 'rate', ...LINE, curve: 'step-before' }),
  ]);
}

/** The loss, by step. */
export function lossChart(epochs: LearnedEpoch[], steps: LearnedStep[]): PlotOptions {
  const most = steps.reduce((greatest, step) => Math.max(greatest, step.loss), 0);
  const tickFormat = (value: number) => (value === 0 ? '0' : score(value, 2));
  const tip = { format: { x: true, y: (value: number) => value.toPrecision(3) } };
  return stripChart('loss', epochs, { height: 120, most, ticks: 3, tickFormat }, [
    line(steps, { x: 'step', y: 'loss', ...LINE, tip }),
  ]);
}

const LINE = { stroke: 'currentColor', strokeWidth: 1.5 };

/** A low chart over the epochs, from 0 to `most`, with a title and no axis of steps. */
function stripChart(
  name: string,
  epochs: LearnedEpoch[],
  {
    height,
    most,
    ticks,
    tickFormat,
  }: { height: number; most: number; ticks: number; tickFormat: (value: number) => string },
  marks: Markish[],
): PlotOptions {
  return {
    height,
    marginBottom: 8,
    marginTop: 12,
    x: { domain: [0, epochs.at(-1)?.to ?? 0], axis: null },
    y: { domain: [0, most], label: null },
    marks: [
      ...epochBounds(epochs),
      axisY({ ticks, tickFormat, tickSize: 0, label: null }),
      ruleY([0], { stroke: 'var(--line-strong)' }),
      title(name),
      ...marks,
    ],
  };
}

/** F1 by token in training, by word and by entity on validation. */
export function f1Chart(
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
    frameAnchor,
    text: (value: string) => value,
    dx: -5,
    dy,
    textAnchor: 'end',
    fontStyle: 'italic',
    fill: 'currentColor',
    stroke: 'var(--paper)',
  });
}
