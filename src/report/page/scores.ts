import { axisX, axisY, dot, gridX, ruleY, text, type PlotOptions } from '@observablehq/plot';
import type { PublishedRow } from '../../experiment/schema.js';
import type { RunSummary, TrackSummary } from '../data.js';
import { NORM } from '../data.js';
import { h } from './dom.js';
import { axisWidth, chartTitle, figure } from './figure.js';
import { counted, percent, range, score } from './format.js';
import { section, type Section } from './section.js';
import { table } from './table.js';

/** The scores of a run, each with its interval, and the published ones beside them. */
export function scoresSection(summary: RunSummary): Section {
  const { tracks, published, documents, intervals } = summary;
  const level = percent(intervals.level);
  const axis = axisOf(tracks, published);
  return section(
    'scores',
    'Scores',
    h(
      'ul',
      { class: 'headline' },
      tracks.map(({ track, all }) =>
        h(
          'li',
          {},
          h('span', { class: 'name' }, `${trackTitle(track)} F1`),
          h('strong', {}, score(all.f1)),
          h('span', { class: 'interval' }, range(all.intervals.f1)),
        ),
      ),
    ),
    h(
      'p',
      {},
      `Entity-wise scores by the shared task’s own rules on ${counted(documents.validation, 'document')} that training `,
      `never saw: a prediction counts where document, label${tracks.some(({ track }) => track === NORM) ? ' or code' : ''} `,
      `and both offsets are right. The small figures are ${level} intervals, of a bootstrap over documents `,
      `(${counted(intervals.resamples, 'resample')}).`,
    ),
    figure({
      id: 'figure-scores',
      caption:
        `F1 of each track: this run with its ${level} interval (the line).` +
        (published.length > 0 ? ` Hollow: ${PUBLISHED}` : ''),
      charts: tracks.map((track) => ({
        label: `F1 of ${trackTitle(track.track)}: this run ${score(track.all.f1)}, interval ${range(track.all.intervals.f1)}${published
          .filter((row) => row.task === track.track)
          .map((row) => `; ${row.name} ${score(row.f1)}`)
          .join('')}.`,
        options: (width) => scoreChart(track, rowsOf(track, published), axis, width),
      })),
      numbers: scoresTable(tracks, published),
    }),
    table({
      ...labelsTable(tracks),
      caption: `Scores of each label, with ${level} intervals. Right: true positives; wrong: false positives; not found: false negatives`,
    }),
  );
}

const PUBLISHED =
  'published figures, on other documents (the shared task’s test set, where nothing else is said).';

/** NER; tasks of other names as they are. */
export function trackTitle(track: string): string {
  return track.toUpperCase();
}

function scoreChart(
  { track, all }: TrackSummary,
  rows: ScoredRow[],
  [least, most]: [number, number],
  width: number,
): PlotOptions {
  const shorten = (name: string) => (width < 500 && name.length > 20 ? `${name.slice(0, 19)}…` : name);
  const data = rows.map((row) => ({ ...row, name: shorten(row.name) }));
  const [low, high] = all.intervals.f1;
  const marginLeft = axisWidth(data.map(({ name }) => name));
  const isOwn = (_: unknown, i: number) => i === 0;
  return {
    height: 46 + 20 * rows.length,
    marginLeft,
    marginRight: 40,
    marginTop: 24,
    x: { domain: [least, most] },
    y: { domain: data.map(({ name }) => name), label: null },
    marks: [
      axisX({ label: null, tickFormat: (value: number) => score(value, 1), ticks: 5, tickSize: 0 }),
      axisY({ tickSize: 0, label: null }),
      gridX({ ticks: 5, stroke: 'var(--line)', strokeOpacity: 1 }),
      chartTitle(trackTitle(track), marginLeft, -20),
      ruleY(data.slice(0, 1), {
        y: 'name',
        x1: () => low,
        x2: () => high,
        stroke: 'var(--accent)',
        strokeWidth: 2,
      }),
      dot(data, {
        x: 'f1',
        y: 'name',
        r: 4.5,
        fill: (row: ScoredRow, i: number) => (isOwn(row, i) ? 'var(--accent)' : 'var(--paper)'),
        stroke: (row: ScoredRow, i: number) => (isOwn(row, i) ? 'var(--accent)' : 'var(--soft)'),
        strokeWidth: 1.5,
      }),
      text(data, {
        x: (row: ScoredRow, i: number) => (isOwn(row, i) ? high : row.f1),
        y: 'name',
        dx: 9,
        textAnchor: 'start',
        text: (row: ScoredRow) => score(row.f1),
        fill: 'var(--ink)',
        fontWeight: (row: ScoredRow, i: number) => (isOwn(row, i) ? 700 : 400),
      } as never),
    ],
  };
}

interface ScoredRow {
  name: string;
  f1: number;
}

/** This run's score of a track, then the published ones. */
function rowsOf({ track, all }: TrackSummary, published: PublishedRow[]): ScoredRow[] {
  return [
    { name: 'this run', f1: all.f1 },
    ...published.flatMap(({ task, name, f1 }) => (task === track ? [{ name, f1 }] : [])),
  ];
}

/** Tenths around all that the charts show, so that they have one axis. */
function axisOf(tracks: TrackSummary[], published: PublishedRow[]): [number, number] {
  const values = tracks.flatMap((track) => [
    ...track.all.intervals.f1,
    ...rowsOf(track, published).map(({ f1 }) => f1),
  ]);
  return [
    Math.max(0, Math.floor(Math.min(...values) * 10 - 0.2) / 10),
    Math.min(1, Math.ceil(Math.max(...values) * 10) / 10),
  ];
}

function scoresTable(tracks: TrackSummary[], published: PublishedRow[]) {
  const rows = tracks.flatMap(({ track, all }) => [
    [
      `${trackTitle(track)}, this run`,
      score(all.precision),
      score(all.recall),
      score(all.f1),
      range(all.intervals.f1),
    ],
    ...published
      .filter((row) => row.task === track)
      .map((row) => [
        row.name,
        ...[row.precision, row.recall, row.f1].map((value) => (value === null ? '–' : score(value))),
        '',
      ]),
  ]);
  return {
    caption: 'Scores, and published ones on other documents',
    header: ['track', 'precision', 'recall', 'F1', 'interval of F1'],
    rows,
    isGroup: (row: number) => String(rows[row]![0]).endsWith(', this run'),
  };
}

function labelsTable(tracks: TrackSummary[]) {
  const cells = ({ precision, recall, f1, intervals, ...counts }: TrackSummary['all']) => [
    withInterval(precision, intervals.precision),
    withInterval(recall, intervals.recall),
    withInterval(f1, intervals.f1),
    counts.truePositives + counts.falseNegatives,
    counts.truePositives,
    counts.falsePositives,
    counts.falseNegatives,
  ];
  const rows = tracks.flatMap(({ track, labels, all, perLabel }) => [
    { group: true, cells: [trackTitle(track), ...cells(all)] },
    ...labels.map((label) => ({ group: false, cells: [label, ...cells(perLabel[label]!)] })),
  ]);
  return {
    header: ['label', 'precision', 'recall', 'F1', 'gold spans', 'right', 'wrong', 'not found'],
    rows: rows.map((row) => row.cells),
    isGroup: (row: number) => rows[row]!.group,
  };
}

function withInterval(value: number, interval: [number, number]): HTMLElement {
  return h('span', {}, score(value), h('small', {}, ` ${range(interval)}`));
}
