import { axisX, axisY, dot, line, pointer, ruleX, text, tip, type PlotOptions } from '@observablehq/plot';
import type { Reliability } from '../../eval/reliability.js';
import type { LabelProbabilities, ThresholdPoint } from '../data.js';
import { labelColour } from './colours.js';
import { score } from './format.js';

/** Widest that a chart of precision by recall is drawn: it is about as high. */
const WIDEST = 560;

/** Precision by recall of each label as its threshold rises, with lines of like F1. */
export function curveChart(labels: readonly LabelProbabilities[], width: number): PlotOptions {
  const names = labels.map(({ label }) => label);
  const points = labels.flatMap(({ label, curve = [] }) =>
    curve.filter(({ found }) => found > 0).map((point) => ({ label, ...point })),
  );
  const marked = (which: 'published' | 'now' | 'tuned') =>
    labels.flatMap(({ label, [which]: point }) => (point ? [{ label, ...point }] : []));
  const colour = ({ label }: { label: string }) => labelColour(label, names);
  return {
    width: Math.min(width, WIDEST),
    height: Math.min(width, WIDEST) * 0.8 + 20,
    marginLeft: 44,
    marginBottom: 38,
    marginTop: 16,
    marginRight: 30,
    x: { domain: [0, 1], label: null },
    y: { domain: [0, 1], label: null },
    marks: [
      shareAxis(axisX, 'recall'),
      shareAxis(axisY, 'precision'),
      ...[0.2, 0.4, 0.6, 0.8].flatMap(likeF1),
      ...names.map((name) =>
        line(
          points.filter(({ label }) => label === name),
          { x: 'recall', y: 'precision', stroke: labelColour(name, names), strokeWidth: 2 },
        ),
      ),
      dot(marked('published'), {
        x: 'recall',
        y: 'precision',
        r: 5,
        stroke: colour,
        strokeWidth: 2,
        fill: 'var(--paper)',
      }),
      dot([...marked('now'), ...marked('tuned')], {
        x: 'recall',
        y: 'precision',
        r: 5.5,
        stroke: 'var(--ink)',
        strokeWidth: 1.5,
        fill: colour,
      }),
      tip(
        points,
        pointer({
          x: 'recall',
          y: 'precision',
          title: pointText,
          fill: 'var(--paper)',
          stroke: 'var(--line-strong)',
        }),
      ),
    ],
  };
}

function pointText({ label, threshold, found, precision, recall, f1 }: ThresholdPoint & { label: string }) {
  return `${label}, ${score(threshold, 2)}\n${found} found\nP ${score(precision)}  R ${score(recall)}  F1 ${score(f1)}`;
}

/** The line of all precisions and recalls that have this F1, with its name at the right edge. */
function likeF1(f1: number) {
  const least = f1 / (2 - f1); // where the other one is 1
  const points = Array.from({ length: 41 }, (_, i) => {
    const recall = least + ((1 - least) * i) / 40;
    return { recall, precision: (f1 * recall) / (2 * recall - f1) };
  });
  return [
    line(points, { x: 'recall', y: 'precision', stroke: 'var(--line-strong)', strokeDasharray: '2 3' }),
    text([points.at(-1)!], {
      x: 'recall',
      y: 'precision',
      dx: 5,
      textAnchor: 'start',
      fill: 'var(--soft)',
      text: () => score(f1, 1),
    }),
  ];
}

export interface Reliable {
  name: string;
  reliability: Reliability;
  colour: string;
}

/** Least width of one of the charts that stand side by side. */
const NARROWEST = 160;

/** How often what has a score is right, by score: a chart for each, on lines as far as the width needs them. */
export function reliabilityChart(all: readonly Reliable[], width: number): PlotOptions {
  const columns = Math.max(1, Math.min(all.length, Math.floor(width / NARROWEST)));
  const rows = Math.ceil(all.length / columns);
  const cells = all.map((one, i) => ({ ...one, fx: i % columns, fy: Math.floor(i / columns) }));
  const bins = cells.flatMap(({ reliability, ...cell }) =>
    reliability.bins.map((bin) => ({ ...cell, ...bin, low: bin.interval[0], high: bin.interval[1] })),
  );
  const most = Math.max(...bins.map(({ count }) => count));
  const facet = { fx: 'fx', fy: 'fy' };
  const side = Math.min(width / columns, 240);
  return {
    width: side * columns,
    height: rows * (side + 22) + 20,
    marginLeft: 34,
    marginRight: 10,
    marginTop: 24,
    marginBottom: 36,
    fx: { axis: null, padding: 0.16 },
    fy: { axis: null, padding: 0.22 },
    x: { domain: [0, 1], label: null },
    y: { domain: [0, 1], label: null },
    marks: [
      axisX({ ...SHARES, label: 'score', labelAnchor: 'center', labelArrow: 'none' }),
      axisY({ ...SHARES, label: null }),
      line(
        cells.flatMap(({ fx, fy }) => [0, 1].map((value) => ({ fx, fy, value }))),
        {
          ...facet,
          x: 'value',
          y: 'value',
          stroke: 'var(--line-strong)',
          strokeDasharray: '2 3',
          z: ({ fx, fy }: { fx: number; fy: number }) => `${fx} ${fy}`,
        },
      ),
      ruleX(bins, { ...facet, x: 'score', y1: 'low', y2: 'high', stroke: 'var(--ink)', strokeWidth: 1.5 }),
      dot(bins, {
        ...facet,
        x: 'score',
        y: 'right',
        fill: 'colour',
        stroke: 'var(--ink)',
        r: { value: ({ count }: { count: number }) => 2.5 + 5.5 * Math.sqrt(count / most), scale: null },
      } as never),
      text(cells, {
        ...facet,
        frameAnchor: 'top-left',
        textAnchor: 'start',
        lineAnchor: 'bottom',
        dy: -8,
        text: 'name',
        fontWeight: 'bold',
        fill: 'var(--ink)',
      }),
    ],
  };
}

const SHARES = {
  ticks: [0, 0.5, 1],
  tickFormat: (value: number) => ['0', '.5', '1'][value * 2]!,
  tickSize: 3,
};

function shareAxis(axis: typeof axisX, label: string) {
  return axis({
    label,
    labelAnchor: 'center',
    labelArrow: 'none',
    tickSize: 3,
    ticks: [0, 0.2, 0.4, 0.6, 0.8, 1],
    tickFormat: (value: number) => score(value, 1).replace(/\.0$/, '') || '0',
  });
}
