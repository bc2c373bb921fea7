import type { Reliability } from '../../eval/reliability.js';
import type { LabelProbabilities, ThresholdPoint, TrackProbabilities } from '../data.js';
import { labelColour } from './colours.js';
import { h } from './dom.js';
import { figure } from './figure.js';
import { range, score, whole } from './format.js';
import { curveChart, reliabilityChart, type Reliable } from './probabilityCharts.js';
import { trackTitle } from './scores.js';
import { section, type Section } from './section.js';

/** What other thresholds would find, and how often spans are right by their scores. */
export function probabilitiesSection(tracks: readonly TrackProbabilities[]): Section {
  return section(
    'probabilities',
    'Probabilities',
    h(
      'p',
      {},
      'A span’s score is how probable it is to the model. A label’s threshold decides which spans are found, and trades ',
      'precision for recall; a score says how often spans like it are right only as far as the model knows itself.',
    ),
    tracks.map((track) => [
      track.labels.some(({ curve }) => curve) && curveFigure(track),
      reliabilityFigure(track),
    ]),
  );
}

function curveFigure({ track, labels }: TrackProbabilities): HTMLElement {
  const names = labels.map(({ label }) => label);
  const other = labels.some(({ now, tuned }) => now || tuned);
  const point = (name: string, kind: string, one: ThresholdPoint | undefined) =>
    one
      ? [
          [
            name,
            `${score(one.threshold)}${kind}`,
            one.found,
            score(one.precision),
            score(one.recall),
            score(one.f1),
          ],
        ]
      : [];
  return figure({
    id: `figure-curve-${track}`,
    caption:
      `${trackTitle(track)}: precision and recall of each label by thresholds from .01 to .99; thin: lines of like F1. ` +
      'Hollow: at .5, as published.' +
      (other
        ? ' Filled: at the run’s own threshold where it is another one, or the one that meddoprof tune has found.'
        : ''),
    legend: names.map((name) => ({ colour: labelColour(name, names), text: name, shape: 'line' })),
    charts: [
      {
        label: `Precision by recall of the labels of ${trackTitle(track)}; ${names.join(', ')}. The figures are in the table below.`,
        options: (width) => curveChart(labels, width),
      },
    ],
    numbers: {
      caption: `What thresholds find, ${trackTitle(track)}`,
      header: ['label', 'threshold', 'found', 'precision', 'recall', 'F1'],
      rows: labels.flatMap(({ label, curve = [], published, now, tuned }) => [
        ...point(label, ' (as published)', published),
        ...point(label, ' (the run’s)', now),
        ...point(label, ' (tuned)', tuned),
        ...curve.filter(({ threshold }) => isTenth(threshold)).flatMap((one) => point(label, '', one)),
      ]),
    },
  });
}

const isTenth = (threshold: number) => Math.abs(threshold * 10 - Math.round(threshold * 10)) < 1e-9;

function reliabilityFigure({ track, labels }: TrackProbabilities): HTMLElement {
  const names = labels.map(({ label }) => label);
  const all = labels
    .filter(({ reliability }) => reliability.count > 0)
    .map(({ label, reliability }: LabelProbabilities) => ({
      name: label,
      reliability,
      colour: labelColour(label, names),
    }));
  return reliabilities(`figure-reliability-${track}`, `${trackTitle(track)}: spans that were found`, all);
}

/** How often the codes of gold mentions are right, by their probability. */
export function codesFigure(reliability: Reliability): HTMLElement {
  const all = [{ name: 'codes', reliability, colour: 'var(--accent)' }];
  return reliabilities('figure-reliability-codes', 'The best code of each gold mention', all);
}

function reliabilities(id: string, what: string, all: readonly Reliable[]): HTMLElement {
  const named = all.map((one) => ({ ...one, name: `${one.name} ${score(one.reliability.error)}` }));
  return figure({
    id,
    caption:
      `${what}, by score in tenths (across) and the share that is right (up), with Wilson’s 95 % interval; the larger the dot, the more. ` +
      'On the dashed line a score is that share; below it the model is too sure. Beside the name: the expected calibration error, the mean distance to that line.',
    charts: [
      {
        label: `Share that is right by score; expected calibration errors: ${named.map(({ name }) => name).join(', ')}.`,
        options: (width) => reliabilityChart(named, width),
      },
    ],
    numbers: {
      caption: `${what}, by score`,
      header: ['label', 'mean score', 'number', 'right', 'interval'],
      rows: all.flatMap(({ name, reliability }) =>
        reliability.bins.map(({ score: mean, count, right, interval }) => [
          ...[name, score(mean), whole(count), score(right), range(interval)],
        ]),
      ),
    },
  });
}
