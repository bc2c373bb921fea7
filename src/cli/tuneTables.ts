import { stringify } from 'yaml';
import type { Calibration } from '../data/calibration.js';
import type { CalibrationFigures, TunedThresholds } from '../formats/tuned.js';
import { formatScore } from './format.js';
import { formatTable } from './table.js';

type Row = TunedThresholds['tasks'][string]['all'];
type Change = Row['change']['f1'];

/** Thresholds, and what they gain on documents that they were not tuned on. */
export function tuningTables(tuned: TunedThresholds, runs: readonly string[]): string {
  const { thresholds, tasks, estimate, documents, objective } = tuned;
  const scores = ({ precision, recall, f1 }: Row['before']) => [precision, recall, f1].map(formatScore);
  const row = (name: string, one: Row, threshold = '') => [
    ...[name, threshold, one.gold, ...scores(one.before), ...scores(one.after)],
    changeText(one.change[objective.kind === 'f1' ? 'f1' : 'precision']),
  ];
  const rows = Object.entries(tasks).flatMap(([task, { all, labels }]) => [
    row(task, all),
    ...Object.entries(labels).map(([label, one]) => row(`  ${label}`, one, short(thresholds[label]!))),
  ]);
  const kept = Object.keys(tasks).filter((task) => tasks[task]!.kept);
  const aim =
    objective.kind === 'f1'
      ? 'the best F1'
      : `the best precision at a recall of ${formatScore(objective.recall)}`;
  const measured = objective.kind === 'f1' ? 'F1' : 'P';
  return [
    formatTable(
      ['', 'threshold', 'gold', 'P', 'R', 'F1', 'tuned P', 'R', 'F1', `change of ${measured}`],
      rows,
    ),
    `Tuned for ${aim} on ${documents} documents. What they gain is measured in ${estimate.parts} parts, each decoded by what was ` +
      `tuned on the others; in brackets the ${estimate.level * 100} % interval (bootstrap over documents).`,
    ...(kept.length > 0
      ? [
          `Of ${kept.join(' and ')} the gain on other documents may be none: the thresholds stay as they were. More documents (all folds) tell more.`,
        ]
      : []),
    ...calibrationTable(tuned),
    `Written: tuned.json in ${runs.join(', ')}. meddoprof predict --tuned takes what is in it, and without it the run's own thresholds${tuned.method === null ? '' : ' and scores'}.`,
  ].join('\n\n');
}

/** How far scores were shares of what is right, and are on documents that they were not calibrated on. */
function calibrationTable({ method, tasks, calibration, codes, codeCalibration }: TunedThresholds): string[] {
  if (method === null) return [];
  const row = (name: string, figures: CalibrationFigures | undefined, by: Calibration | null | undefined) => [
    name,
    ...(figures ? [figures.count, formatScore(figures.before), formatScore(figures.after)] : ['', '', '']),
    calibrationText(by),
  ];
  const rows = Object.entries(tasks).flatMap(([task, { all, labels }]) => [
    row(task, all.calibration, undefined),
    ...Object.entries(labels).map(([label, one]) =>
      row(`  ${label}`, one.calibration, Object.hasOwn(calibration, label) ? calibration[label] : null),
    ),
  ]);
  if (codes) rows.push(row('codes', codes, codeCalibration));
  return [
    formatTable(['', 'found', 'error', 'calibrated', 'by'], rows),
    `The expected calibration error of scores: how far they are, in the mean, from the share that is right; as they are, and as they are calibrated by other documents.`,
  ];
}

function calibrationText(by: Calibration | null | undefined): string {
  if (by === undefined) return '';
  if (by === null) return 'left';
  return typeof by === 'number' ? `temperature ${Number(by.toPrecision(3))}` : `${by.length} points`;
}

/** The thresholds as a part of a config. */
export function configPart(tuned: TunedThresholds): string {
  const { thresholds, calibration, codeCalibration, method, objective, runs, documents } = tuned;
  const scores = method === null ? {} : { calibration, codeCalibration };
  const aim = objective.kind === 'f1' ? 'F1' : `precision at a recall of ${objective.recall}`;
  return `# Tuned for ${aim} on ${documents} documents that ${runs.join(', ')} did not train on.\n${stringify({ decoding: { thresholds, ...scores } })}`;
}

function changeText([value, low, high]: Change): string {
  return `${signed(value)} (${signed(low)} to ${signed(high)})`;
}

function signed(value: number): string {
  const text = formatScore(Math.abs(value));
  return value < 0 ? `−${text}` : `+${text}`;
}

function short(threshold: number): string {
  return String(threshold).replace(/^0/, '');
}
