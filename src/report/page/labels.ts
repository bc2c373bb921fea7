import { axisX, axisY, barX, cell, ruleX, ruleY, text, tickX, type PlotOptions } from '@observablehq/plot';
import type { Confusion } from '../../eval/confusion.js';
import type { RunSummary, TrackSummary } from '../data.js';
import { labelColour } from './colours.js';
import { axisWidth, chartTitle, figure } from './figure.js';
import { percent, range, score } from './format.js';
import { trackTitle } from './scores.js';
import { section, type Section } from './section.js';

const measures = ['precision', 'recall', 'f1'] as const;
const titles = { precision: 'precision', recall: 'recall', f1: 'F1' };

/** Per-label scores as bars, and which label was taken for which. */
export function labelsSection({ tracks, intervals }: RunSummary): Section {
  const labelled = tracks.filter(({ labels }) => labels.length > 0);
  const level = percent(intervals.level);
  const marginLeft = axisWidth(
    labelled.flatMap(({ labels, perLabel }) => labels.map((label) => labelName(label, perLabel))),
  );
  return section(
    'labels',
    'Labels',
    figure({
      id: 'figure-labels',
      caption:
        `Precision, recall and F1 of each label, with ${level} intervals (bootstrap over documents). ` +
        'In brackets: its gold spans; the fewer, the wider the interval.',
      charts: labelled.map((track) => ({
        label: `Scores of the labels of ${trackTitle(track.track)}: ${track.labels.map((label) => `${label} F1 ${score(track.perLabel[label]!.f1)}`).join(', ')}.`,
        options: (width) => barsChart(track, marginLeft, width),
      })),
      numbers: {
        caption: 'Scores of labels',
        header: [
          'label',
          ...measures.map((measure) => titles[measure]),
          ...measures.map((measure) => `interval of ${titles[measure]}`),
        ],
        rows: labelled.flatMap(({ labels, perLabel }) =>
          labels.map((label) => [
            label,
            ...measures.map((measure) => score(perLabel[label]![measure])),
            ...measures.map((measure) => range(perLabel[label]!.intervals[measure])),
          ]),
        ),
      },
    }),
    labelled.map((track) => track.confusion && confusionFigure(track, track.confusion)),
  );
}

/** A label with the number of its gold spans. */
function labelName(label: string, perLabel: TrackSummary['perLabel']): string {
  const { truePositives, falseNegatives } = perLabel[label]!;
  return `${label} (${truePositives + falseNegatives})`;
}

function barsChart(
  { track, labels, perLabel }: TrackSummary,
  marginLeft: number,
  width: number,
): PlotOptions {
  const isNarrow = width < 560;
  const named = (label: string) => labelName(label, perLabel);
  const data = labels.flatMap((label) =>
    measures.map((measure) => {
      const [low, high] = perLabel[label]!.intervals[measure];
      return {
        name: named(label),
        label,
        measure: titles[measure],
        value: perLabel[label]![measure],
        low,
        high,
      };
    }),
  );
  const names = labels.map(named);
  const facet = { [isNarrow ? 'fy' : 'fx']: 'measure' };
  const rows = labels.length * 26;
  return {
    height: isNarrow ? 70 + 3 * (rows + 22) : 72 + rows,
    marginLeft,
    marginRight: isNarrow ? 60 : 4,
    marginTop: 46,
    marginBottom: 26,
    [isNarrow ? 'fy' : 'fx']: { domain: ['precision', 'recall', 'F1'], label: null, padding: 0.12 },
    x: { domain: [0, 1], insetRight: 36 },
    y: { domain: names, label: null, padding: 0.25 },
    marks: [
      axisX({
        label: null,
        ticks: [0, 0.5, 1],
        tickFormat: (value: number) => ['0', '.5', '1'][value * 2]!,
        tickSize: 0,
      }),
      axisY({ label: null, tickSize: 0 }),
      ruleX([0.5, 1], { stroke: 'var(--line)' }),
      barX(data, {
        ...facet,
        x: 'value',
        y: 'name',
        fill: (row: Row) => labelColour(row.label, labels),
        fillOpacity: 0.55,
      }),
      ruleY(data, { ...facet, x1: 'low', x2: 'high', y: 'name', stroke: 'var(--ink)', strokeWidth: 1.5 }),
      ...['low', 'high'].map((x) =>
        tickX(data, { ...facet, x, y: 'name', stroke: 'var(--ink)', strokeWidth: 1.5, inset: 5 }),
      ),
      text(data, {
        ...facet,
        x: () => 1,
        y: 'name',
        dx: 7,
        textAnchor: 'start',
        text: (row: Row) => score(row.value),
        fill: 'var(--ink)',
      }),
      ruleX([0], { stroke: 'var(--ink)' }),
      chartTitle(
        trackTitle(track),
        marginLeft,
        -36,
        isNarrow ? { fy: ['precision'] } : { fx: ['precision'] },
      ),
    ],
  };
}

interface Row {
  label: string;
  value: number;
}

function confusionFigure({ track }: TrackSummary, { labels, counts }: Confusion): HTMLElement {
  const columns = [...labels, 'missed'];
  const rows = [...labels, 'invented'];
  const cells = rows.flatMap((gold, row) =>
    columns.flatMap((predicted, column): ConfusionCell[] => {
      const isInvented = row === labels.length;
      if (isInvented && column === labels.length) return [];
      const count = counts[row]![column]!;
      const total = counts[row]!.reduce((sum, value) => sum + value, 0);
      return [
        {
          gold,
          predicted,
          count,
          share: isInvented || total === 0 ? 0 : count / total,
          isRight: row === column,
        },
      ];
    }),
  );
  return figure({
    id: `figure-confusion-${track}`,
    caption:
      `${trackTitle(track)}: gold labels (rows) and what was predicted for them (columns), in spans that were paired, ` +
      'whether or not their offsets agree; in bold the label is right. The darker, the greater the share of the row.',
    charts: [
      {
        label: `Confusion of the labels of ${trackTitle(track)}; the figures are in the table below.`,
        options: (width) => confusionChart(rows, columns, cells, Math.min(width, 640)),
      },
    ],
    numbers: {
      caption: `Gold by predicted label, ${trackTitle(track)}`,
      header: ['gold', ...columns],
      rows: rows.map((gold, row) => [
        gold,
        ...counts[row]!.map((count, column) =>
          row === labels.length && column === labels.length ? '–' : count,
        ),
      ]),
    },
  });
}

interface ConfusionCell {
  gold: string;
  predicted: string;
  count: number;
  share: number;
  isRight: boolean;
}

function confusionChart(
  rows: string[],
  columns: string[],
  cells: ConfusionCell[],
  width: number,
): PlotOptions {
  const marginLeft = axisWidth(rows) + 18;
  const broken = (name: string) => name.replaceAll('_', '_\n');
  const longest =
    6.9 *
    Math.max(
      ...columns.flatMap((name) =>
        broken(name)
          .split('\n')
          .map(({ length }) => length),
      ),
    );
  const isTilted = longest > (width - marginLeft - 8) / columns.length - 4;
  const whole = 6.2 * Math.max(...columns.map(({ length }) => length));
  const marginTop = isTilted ? 30 + whole * 0.72 : 52;
  return {
    width,
    height: marginTop + 8 + rows.length * 36,
    marginLeft,
    marginRight: isTilted ? 36 : 8,
    marginTop,
    marginBottom: 8,
    padding: 0.04,
    x: { domain: columns, label: null },
    y: { domain: rows, label: null },
    marks: [
      axisX({
        anchor: 'top',
        label: null,
        tickSize: 0,
        ...(isTilted ? { tickRotate: -45, textAnchor: 'start' as const } : { tickFormat: broken }),
      }),
      axisY({ label: null, tickSize: 0 }),
      chartTitle('predicted', 0, 10 - marginTop, { fontWeight: 400, fontStyle: 'italic' }),
      chartTitle('gold', marginLeft, -10, { fontWeight: 400, fontStyle: 'italic' }),
      cell(cells, {
        x: 'predicted',
        y: 'gold',
        fill: 'var(--accent)',
        fillOpacity: { value: (one: ConfusionCell) => 0.04 + 0.86 * one.share, scale: null },
        stroke: 'var(--line)',
      }),
      ...[true, false].map((isRight) =>
        text(
          cells.filter((one) => one.isRight === isRight),
          {
            x: 'predicted',
            y: 'gold',
            text: (one: ConfusionCell) => String(one.count),
            fill: (one: ConfusionCell) => (one.share > 0.5 ? 'var(--paper)' : 'var(--ink)'),
            fontWeight: isRight ? 700 : 400,
          },
        ),
      ),
    ],
  };
}
