import type { StoredGate } from '../formats/gate.js';
import { formatScore } from './format.js';
import { formatTable } from './table.js';

/** What a gate saves, and what it costs. */
export function gateTable({ layer, loss, documents, estimate }: StoredGate, run: string): string {
  const { windows, tasks, parts } = estimate;
  const scores = ({ precision, recall, f1 }: (typeof tasks)[string]['before']) =>
    [precision, recall, f1].map(formatScore);
  return [
    formatTable(
      ['', 'P', 'R', 'F1', 'with the gate P', 'R', 'F1'],
      Object.entries(tasks).map(([task, { before, after }]) => [task, ...scores(before), ...scores(after)]),
    ),
    `${(windows * 100).toFixed(0)} % of the windows are read beyond layer ${layer}. The threshold was set so that no task loses more than ${formatScore(loss)} of its ` +
      `recall on ${documents} documents; what is said here is measured in ${parts} parts of them, each by a threshold that was set on the others.`,
    `Written: gate.json in the best checkpoint of ${run}. meddoprof predict --early-exit reads by it, and without it every window to its end.`,
  ].join('\n\n');
}
