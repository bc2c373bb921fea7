import { NORM } from '../../config/choices.js';
import type { PublishedRow } from '../../experiment/schema.js';
import type { RunSummary, TrackSummary } from '../data.js';
import { h } from './dom.js';
import { figure } from './figure.js';
import { counted, percent, range, score } from './format.js';
import { commonAxis, intervalChart, type IntervalRow, nameWidth, publishedAsRows } from './intervalChart.js';
import { section, type Section } from './section.js';
import { table } from './table.js';

/** The scores of a run, each with its interval, and the published ones beside them. */
export function scoresSection(summary: RunSummary): Section {
  const { tracks, published, documents, intervals } = summary;
  const level = percent(intervals.level);
  const rowsOf = ({ track, all }: TrackSummary) => [
    { name: 'this run', f1: all.f1, interval: all.intervals.f1 },
    ...publishedAsRows(published, track),
  ];
  const axis = commonAxis(tracks.flatMap(rowsOf));
  const marginLeft = nameWidth(tracks.flatMap(rowsOf));
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
        label: describeRows(track.track, rowsOf(track)),
        options: () => intervalChart(trackTitle(track.track), rowsOf(track), axis, marginLeft),
      })),
      numbers: scoresTable(tracks, published),
    }),
    table({
      ...labelsTable(tracks),
      caption: `Scores of each label, with ${level} intervals. Right: true positives; wrong: false positives; not found: false negatives`,
    }),
  );
}

export const PUBLISHED =
  'published figures, on other documents (the shared task’s test set, where nothing else is said).';

/** A chart of scores in words. */
export function describeRows(track: string, rows: readonly IntervalRow[]): string {
  const each = rows.map(
    ({ name, f1, interval }) => `${name} ${score(f1)}${interval ? `, interval ${range(interval)}` : ''}`,
  );
  return `F1 of ${trackTitle(track)}: ${each.join('; ')}.`;
}

/** NER; tasks of other names as they are. */
export function trackTitle(track: string): string {
  return track.toUpperCase();
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
