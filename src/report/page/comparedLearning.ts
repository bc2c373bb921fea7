import { axisX, axisY, dot, line, ruleY, type PlotOptions } from '@observablehq/plot';
import { NORM } from '../../config/choices.js';
import type { ComparedVariant, Comparison } from '../../compare/comparison.js';
import { colour } from './colours.js';
import { chartTitle, figure } from './figure.js';
import { score } from './format.js';
import { trackTitle } from './scores.js';
import { section, type Section } from './section.js';

/**
 * How the runs of a comparison learned: F1 on the validation documents after each epoch, a chart for each task;
 * nothing where none had any.
 */
export function comparedLearningSection({ tracks, variants }: Comparison): Section[] {
  if (variants.every(({ runs }) => runs.every(({ curve }) => curve.length === 0))) return [];
  const tasks = tracks.filter(({ track }) => track !== NORM);
  const steps = variants.flatMap(({ runs }) => runs.flatMap(({ curve }) => curve.map(({ step }) => step)));
  const last = steps.reduce((greatest, step) => Math.max(greatest, step), 0);
  const learning = section(
    'learning',
    'Learning',
    figure({
      id: 'figure-learning',
      caption:
        'Entity-wise F1 on the validation documents after each epoch, a line for each run; filled: the best epoch of a run, ' +
        'which is the one that is compared.',
      legend: variants.map(({ name }, i) => ({ text: name, colour: colour(i), shape: 'dot' })),
      charts: tasks.map(({ track }) => ({
        label: `F1 of ${trackTitle(track)} by step; the figures are in the table below.`,
        options: () => curvesChart(track, variants, last),
      })),
      numbers: {
        caption: 'F1 after each epoch',
        header: ['variant', 'seed', 'epoch', 'step', ...tasks.map(({ track }) => trackTitle(track))],
        rows: variants.flatMap(({ name, runs }) =>
          runs.flatMap(({ seed, fold, curve }) =>
            curve.map(({ epoch, step, f1 }) => [
              name,
              seedAndFold(seed, fold),
              epoch,
              step,
              ...tasks.map(({ track }) => score(f1[track]!)),
            ]),
          ),
        ),
      },
    }),
  );
  return [learning];
}

/** Which run of a variant it is. */
export function seedAndFold(seed: number, fold: number | null): number | string {
  return fold === null ? seed : `${seed}, fold ${fold}`;
}

type Point = ComparedVariant['runs'][number]['curve'][number];

function curvesChart(track: string, variants: ComparedVariant[], last: number): PlotOptions {
  const f1 = (point: Point) => point.f1[track];
  return {
    height: 240,
    marginLeft: 40,
    marginRight: 12,
    marginTop: 34,
    marginBottom: 36,
    x: { domain: [0, last] },
    y: { domain: [0, 1] },
    marks: [
      axisX({ label: 'step', labelAnchor: 'center', labelArrow: 'none', tickSize: 3, ticks: 5 }),
      axisY({ label: null, ticks: 5, tickFormat: (value: number) => score(value, 1), tickSize: 0 }),
      ruleY([0, 0.2, 0.4, 0.6, 0.8, 1], { stroke: 'var(--line)' }),
      chartTitle(trackTitle(track), 40, -22),
      ...variants.flatMap(({ runs }, i) =>
        runs.flatMap(({ curve }) => [
          line(curve, { x: 'step', y: f1, stroke: colour(i), strokeWidth: 1.5 }),
          dot(curve, { x: 'step', y: f1, stroke: colour(i), fill: 'var(--paper)', r: 3 }),
          dot(curve.filter(({ isBest }) => isBest).slice(-1), { x: 'step', y: f1, fill: colour(i), r: 4 }),
        ]),
      ),
    ],
  };
}
