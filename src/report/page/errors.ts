import { axisX, axisY, barX, ruleX, type PlotOptions } from '@observablehq/plot';
import type { ErrorKind, OutcomeCounts } from '../../eval/analysis.js';
import type { RunSummary, TrackSummary } from '../data.js';
import { kinds } from './colours.js';
import { h } from './dom.js';
import { axisWidth, figure } from './figure.js';
import { trackTitle } from './scores.js';
import { section, type Section } from './section.js';
import { table } from './table.js';

/** Leads to the documents that have errors of a kind. */
export type ShowErrors = (filter: { track: string; kind: ErrorKind; label?: string }) => void;

/** Errors by kind, with counts that lead to them. */
export function errorsSection({ tracks }: RunSummary, show: ShowErrors): Section {
  const labelled = tracks.filter(({ labels }) => labels.length > 0);
  return section(
    'errors',
    'Errors',
    h(
      'dl',
      { class: 'kinds' },
      kinds.map(({ title, means, colour }) => [
        h('dt', {}, h('span', { class: 'key band', style: `--key: ${colour}` }), title),
        h('dd', {}, means),
      ]),
    ),
    figure({
      id: 'figure-errors',
      caption:
        'Errors by kind and label (of the gold span; of the prediction, where it was invented). Boundary, label and both ' +
        'cost a false positive and a false negative each, missed only the one, invented only the other.',
      charts: labelled.map((track) => ({
        label: `Errors of ${trackTitle(track.track)} by kind: ${kinds.map(({ kind, title }) => `${title} ${track.outcomes[kind]}`).join(', ')}.`,
        options: () => errorsChart(track),
      })),
      numbers: {
        caption: 'Errors by kind',
        header: countsHeader,
        rows: tracks.flatMap((track) => countRows(track)),
      },
    }),
    table({
      caption: 'Errors by kind; a count leads to the documents',
      header: countsHeader,
      rows: tracks.flatMap((track) => countRows(track, show)),
      isGroup: isGroupOf(tracks),
    }),
  );
}

const countsHeader = ['label', 'right', ...kinds.map(({ title }) => title)];

function countRows({ track, labels, outcomes, outcomesPerLabel }: TrackSummary, show?: ShowErrors) {
  const cells = (counts: OutcomeCounts, label?: string) => [
    counts.correct,
    ...kinds.map(({ kind, title }) => {
      const count = counts[kind];
      if (!show || count === 0) return count;
      const open = () => show({ track, kind, label });
      const name = `${count} ${title}, ${label ?? trackTitle(track)}: show the documents`;
      return h('button', { type: 'button', class: 'link', click: open, 'aria-label': name }, count);
    }),
  ];
  return [
    [trackTitle(track), ...cells(outcomes)],
    ...labels.map((label) => [label, ...cells(outcomesPerLabel[label]!, label)]),
  ];
}

function isGroupOf(tracks: TrackSummary[]): (row: number) => boolean {
  const starts = new Set<number>();
  tracks.reduce((row, { labels }) => (starts.add(row), row + 1 + labels.length), 0);
  return (row) => starts.has(row);
}

function errorsChart({ track, labels, outcomesPerLabel }: TrackSummary): PlotOptions {
  const data = labels.flatMap((label) =>
    kinds.map(({ kind, colour }) => ({ label, colour, count: outcomesPerLabel[label]![kind] })),
  );
  return {
    height: 44 + labels.length * 28,
    marginLeft: axisWidth(labels),
    marginRight: 16,
    marginTop: 4,
    marginBottom: 34,
    x: { label: `errors, ${trackTitle(track)}`, nice: true },
    y: { domain: labels, label: null, padding: 0.25 },
    marks: [
      axisX({
        label: `errors, ${trackTitle(track)}`,
        labelAnchor: 'center',
        labelArrow: 'none',
        ticks: 6,
        tickSize: 3,
        tickFormat: 'd',
      }),
      axisY({ label: null, tickSize: 0 }),
      barX(data, { x: 'count', y: 'label', fill: 'colour', inset: 0.5 }),
      ruleX([0], { stroke: 'var(--ink)' }),
    ],
  };
}
