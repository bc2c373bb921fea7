import type { ComparedScores, ComparedVariant, Comparison, Estimate } from '../../compare/comparison.js';
import type { ComparisonSummary } from '../data.js';
import { kinds } from './colours.js';
import { comparedLearningSection, seedAndFold } from './comparedLearning.js';
import { h } from './dom.js';
import { figure } from './figure.js';
import { counted, duration, percent, range, score, signed, whole } from './format.js';
import { commonAxis, intervalChart, nameWidth, publishedAsRows, type IntervalRow } from './intervalChart.js';
import { describeRows, PUBLISHED, trackTitle } from './scores.js';
import { section, type Section } from './section.js';
import { table, type Cell } from './table.js';

/** The sections of a comparison: scores and differences, labels, learning, errors, time and memory. */
export function comparisonSections(summary: ComparisonSummary): Section[] {
  const { comparison } = summary;
  return [
    scoresSection(summary),
    labelsSection(comparison),
    ...comparedLearningSection(comparison),
    errorsSection(summary),
    costSection(comparison),
  ];
}

function scoresSection({ comparison, published, documents }: ComparisonSummary): Section {
  const { tracks, variants, baseline, statistics } = comparison;
  const level = percent(statistics.level);
  const rowsOf = (track: string) => [
    ...variants.map((variant) => asRow(variant, variant.tracks[track]!.all)),
    ...publishedAsRows(published, track),
  ];
  const all = tracks.flatMap(({ track }) => rowsOf(track));
  const [axis, marginLeft] = [commonAxis(all), nameWidth(all)];
  const several = variants.some(({ seeds }) => seeds.length > 1);
  return section(
    'scores',
    'Scores',
    h(
      'p',
      {},
      `Entity-wise scores by the shared task’s own rules on the same ${counted(documents.validation, 'document')}, `,
      comparison.folds === null
        ? 'which no run was trained on. '
        : `each by the one of ${comparison.folds} models that was trained without its fold. `,
      several &&
        'A variant’s score is the mean over its runs, which differ in the seed; ± is their standard deviation. ',
      `Intervals (${level}) are of a bootstrap over documents: they say how much a score depends on which documents were held out`,
      several && ', the deviation how much it depends on the seed',
      '.',
    ),
    figure({
      id: 'figure-scores',
      caption:
        `F1 of each track: variants with their ${level} intervals (lines)` +
        (several ? ' and their single runs (ticks).' : '.') +
        (published.length > 0 ? ` Hollow: ${PUBLISHED}` : ''),
      charts: tracks.map(({ track }) => ({
        label: describeRows(track, rowsOf(track)),
        options: () => intervalChart(trackTitle(track), rowsOf(track), axis, marginLeft),
      })),
      numbers: {
        caption: 'F1 of every run',
        header: ['variant', 'seed', ...tracks.map(({ track }) => trackTitle(track))],
        rows: variants.flatMap(({ name, seeds, tracks: own }) =>
          seeds.map((seed, i) => [
            name,
            seed,
            ...tracks.map(({ track }) => score(own[track]!.all.f1.runs[i]!)),
          ]),
        ),
      },
    }),
    table({
      caption:
        `Scores, and differences of F1 to ${baseline}. p: two-sided, approximate randomisation over documents, corrected ` +
        `by Holm over the ${statistics.tests} tests of this comparison`,
      header: SCORE_HEADER,
      ...groupedRows(
        tracks.map(({ track }) => ({
          title: trackTitle(track),
          rows: variants.map(({ name, tracks: own }) => scoreCells(name, own[track]!.all)),
        })),
      ),
    }),
  );
}

function labelsSection({ tracks, variants, statistics, baseline }: Comparison): Section {
  const labelled = tracks.filter(({ labels }) => labels.length > 0);
  const rowsOf = (track: string, label: string) =>
    variants.map((variant) => asRow(variant, variant.tracks[track]!.labels[label]!));
  const all = labelled.flatMap(({ track, labels }) => labels.flatMap((label) => rowsOf(track, label)));
  const [axis, marginLeft] = [commonAxis(all), nameWidth(all)];
  return section(
    'labels',
    'Labels',
    figure({
      id: 'figure-labels',
      caption: `F1 of each label, as above, with ${percent(statistics.level)} intervals. In brackets: its gold spans.`,
      charts: labelled.flatMap(({ track, labels }) =>
        labels.map((label) => ({
          label: describeRows(label, rowsOf(track, label)),
          options: () =>
            intervalChart(
              `${label} (${variants[0]!.tracks[track]!.labels[label]!.spans})`,
              rowsOf(track, label),
              axis,
              marginLeft,
            ),
        })),
      ),
      numbers: {
        caption: `Scores of labels, and differences of F1 to ${baseline}`,
        header: SCORE_HEADER,
        ...groupedRows(
          labelled.flatMap(({ track, labels }) =>
            labels.map((label) => ({
              title: label,
              rows: variants.map(({ name, tracks: own }) => scoreCells(name, own[track]!.labels[label]!)),
            })),
          ),
        ),
      },
    }),
  );
}

function errorsSection({ errors, comparison: { tracks, variants } }: ComparisonSummary): Section {
  const several = variants.some(({ seeds }) => seeds.length > 1);
  const number = (value: number) => (several ? value.toFixed(1) : whole(value));
  return section(
    'errors',
    'Errors',
    table({
      caption: `What became of the spans${several ? ', mean over the runs of a variant' : ''}`,
      header: ['variant', 'right', ...kinds.map(({ title }) => title)],
      ...groupedRows(
        tracks.map(({ track }) => ({
          title: trackTitle(track),
          rows: errors
            .filter((one) => one.track === track)
            .map(({ variant, outcomes }) => [
              variant,
              number(outcomes.correct),
              ...kinds.map(({ kind }) => number(outcomes[kind])),
            ]),
        })),
      ),
    }),
    h(
      'p',
      {},
      kinds.map(({ title, means }, i) => [i > 0 && '; ', h('b', {}, title), `: ${means}`]),
      '.',
    ),
  );
}

function costSection({ variants }: Comparison): Section {
  const seconds = (value: number | null) => (value === null ? '–' : duration(value));
  return section(
    'cost',
    'Time and memory',
    table({
      caption:
        'Training with its validation, the whole run, and the most memory that its process held at once',
      header: ['variant', 'seed', 'training', 'whole run', 'memory, MiB', 'folder'],
      rows: variants.flatMap(({ name, runs }) =>
        runs.map(({ seed, fold, trainingSeconds, seconds: total, peakMemoryMiB, folder }) => [
          ...[name, seedAndFold(seed, fold), seconds(trainingSeconds), seconds(total)],
          ...[peakMemoryMiB === null ? '–' : whole(peakMemoryMiB), folder],
        ]),
      ),
    }),
  );
}

function asRow({ name, seeds }: ComparedVariant, { f1 }: ComparedScores): IntervalRow {
  return { name, f1: f1.mean, interval: f1.interval, runs: seeds.length > 1 ? f1.runs : undefined };
}

const SCORE_HEADER = [
  ...['variant', 'spans', 'precision', 'recall', 'F1', 'interval'],
  ...['difference', 'its interval', 'p'],
];

function scoreCells(name: string, { spans, precision, recall, f1, difference }: ComparedScores): Cell[] {
  const mean = ({ mean: value, deviation }: Estimate) =>
    `${score(value)}${deviation === null ? '' : ` ± ${score(deviation)}`}`;
  return [
    ...[name, spans, mean(precision), mean(recall), mean(f1), range(f1.interval)],
    ...(difference
      ? [signed(difference.f1), difference.interval.map(signed).join(' to '), pValue(difference.adjusted)]
      : ['–', '–', '–']),
  ];
}

function pValue(p: number): string {
  return p < 0.001 ? '< .001' : score(p);
}

/** Rows under titles of their own. */
function groupedRows(groups: { title: string; rows: Cell[][] }[]): {
  rows: Cell[][];
  isGroup: (row: number) => boolean;
} {
  const starts = new Set<number>();
  const rows: Cell[][] = [];
  for (const { title, rows: own } of groups) {
    starts.add(rows.length);
    rows.push([title, ...own[0]!.slice(1).map(() => '')]);
    for (const row of own) rows.push(row);
  }
  return { rows, isGroup: (row) => starts.has(row) };
}
