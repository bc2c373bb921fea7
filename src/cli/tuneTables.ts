import { stringify } from 'yaml';
import type { TunedThresholds } from '../formats/tuned.js';
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
    `Written: tuned.json in ${runs.join(', ')}. meddoprof predict --tuned takes these thresholds, and without it the run's own.`,
  ].join('\n\n');
}

/** The thresholds as a part of a config. */
export function configPart({ thresholds, objective, runs, documents }: TunedThresholds): string {
  const aim = objective.kind === 'f1' ? 'F1' : `precision at a recall of ${objective.recall}`;
  return `# Tuned for ${aim} on ${documents} documents that ${runs.join(', ')} did not train on.\n${stringify({ decoding: { thresholds } })}`;
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
