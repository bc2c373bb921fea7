import { axisX, axisY, dot, gridX, ruleY, text, tickX, type PlotOptions } from '@observablehq/plot';
import type { PublishedRow } from '../../experiment/schema.js';
import type { Interval } from '../data.js';
import { axisWidth, chartTitle } from './figure.js';
import { score } from './format.js';

/** A score in a row of its own. */
export interface IntervalRow {
  name: string;
  f1: number;
  /** Of our own; published scores have none and are hollow. */
  interval?: Interval;
  /** The scores of single runs, where `f1` is their mean. */
  runs?: number[];
}

/** Published scores of a track, as rows. */
export function publishedAsRows(published: readonly PublishedRow[], track: string): IntervalRow[] {
  return published
    .filter(({ task }) => task === track)
    .map(({ name, f1, split }) => ({ name: split === 'test' ? name : `${name} (${split})`, f1 }));
}

/** Tenths around all that some charts show, so that they have one axis. */
export function commonAxis(rows: readonly IntervalRow[]): Interval {
  const values = rows.flatMap(({ f1, interval = [], runs = [] }) => [f1, ...interval, ...runs]);
  const least = Math.floor(Math.min(...values) * 10 - 0.2) / 10;
  const most = Math.ceil(Math.max(...values) * 10) / 10;
  return [Math.max(0, least), Math.min(1, most)];
}

/** Scores as dots on one axis, with their intervals as lines and single runs as ticks. */
export function intervalChart(
  title: string,
  rows: readonly IntervalRow[],
  axis: Interval,
  marginLeft: number,
): PlotOptions {
  const data = rows.map((row, i) => ({ ...row, row: String(i) }));
  const own = data.filter(({ interval }) => interval !== undefined);
  const ticks = data.flatMap(({ row, runs = [] }) => runs.map((f1) => ({ row, f1 })));
  const isOwn = ({ interval }: IntervalRow) => interval !== undefined;
  const values = (some: typeof data, fontWeight: number) =>
    text(some, {
      x: ({ f1, interval }: IntervalRow) => (interval ? interval[1] : f1),
      y: 'row',
      text: ({ f1 }: IntervalRow) => score(f1),
      dx: 9,
      textAnchor: 'start',
      fill: 'var(--ink)',
      fontWeight,
    });
  return {
    height: 54 + 20 * rows.length,
    marginLeft,
    marginRight: 40,
    marginTop: 24,
    x: { domain: axis },
    y: { type: 'band', domain: data.map(({ row }) => row), label: null },
    marks: [
      axisX({ label: null, tickFormat: (value: number) => score(value, 1), ticks: 5, tickSize: 0 }),
      axisY({ tickSize: 0, label: null, tickFormat: (row: string) => rows[Number(row)]!.name }),
      gridX({ ticks: 5, stroke: 'var(--line)', strokeOpacity: 1 }),
      chartTitle(title, marginLeft, -20),
      ruleY(own, {
        y: 'row',
        x1: ({ interval }: IntervalRow) => interval![0],
        x2: ({ interval }: IntervalRow) => interval![1],
        stroke: 'var(--accent)',
        strokeWidth: 2,
      }),
      tickX(ticks, { x: 'f1', y: 'row', stroke: 'var(--ink)', strokeWidth: 1.25, inset: 3 }),
      dot(data, {
        x: 'f1',
        y: 'row',
        r: 4.5,
        fill: (row: IntervalRow) => (isOwn(row) ? 'var(--accent)' : 'var(--paper)'),
        stroke: (row: IntervalRow) => (isOwn(row) ? 'var(--accent)' : 'var(--soft)'),
        strokeWidth: 1.5,
      }),
      values(own, 700),
      values(
        data.filter((row) => !isOwn(row)),
        400,
      ),
    ],
  };
}

/** Room for the names of some charts' rows, so that their axes stand under each other. */
export function nameWidth(rows: readonly IntervalRow[]): number {
  return axisWidth(rows.map(({ name }) => name));
}
