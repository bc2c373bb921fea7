import { formatBytes } from '../fetch/progress.js';
import type { ListedRun } from '../runFolder/list.js';
import { epochsText } from './experimentTables.js';
import { formatDuration, formatScore } from './format.js';
import { formatTable } from './table.js';

/** A line for every run: state, scores, epochs, age, size; then the reasons of what is not as it should be. */
export function runsTable(runs: ListedRun[]): string {
  if (runs.length === 0) return 'There are no runs.';
  const tasks = [...new Set(runs.flatMap(({ f1 }) => Object.keys(f1)))];
  const rows = runs.map((run) => [
    ...[run.folder, run.state, epochsText(run.epoch)],
    ...tasks.map((task) => (run.f1[task] === undefined ? '–' : formatScore(run.f1[task]))),
    ...[age(run.changed), formatBytes(run.size)],
  ]);
  const reasons = runs.flatMap(({ folder, reason }) =>
    reason === undefined ? [] : [`${folder}: ${reason}`],
  );
  const header = ['run', 'state', 'epochs', ...tasks.map((task) => `${task} F1`), 'changed', 'size'];
  return [formatTable(header, rows), ...(reasons.length > 0 ? ['', ...reasons] : [])].join('\n');
}

/** All that is known of one run. */
export function runText({ folder, state, reason, ...run }: ListedRun): string {
  const { record } = run;
  const scores = Object.entries(run.f1).map(([task, f1]) => `${task} ${formatScore(f1)}`);
  const lines: [string, string | undefined][] = [
    ['run', folder],
    ['state', reason === undefined ? state : `${state}: ${reason}`],
    ['epochs', `${epochsText(run.epoch)}, ${run.step} steps`],
    [
      'F1',
      scores.length > 0 ? `${scores.join(', ')}${state === 'finished' ? '' : ' (best epoch)'}` : undefined,
    ],
    ['started', run.started],
    ['changed', `${run.changed.toISOString()}, ${age(run.changed)}`],
    ['took', record?.seconds === undefined ? undefined : formatDuration(record.seconds)],
    ['memory', record?.peakMemoryMiB === undefined ? undefined : `${record.peakMemoryMiB} MiB at most`],
    ['size', formatBytes(run.size)],
    ['engine', record?.engine.description],
    ['corpus', record && `${record.corpus.folder}, ${record.corpus.documents} documents, ${record.corpus.hash.slice(0, 12)}`], // prettier-ignore
    ['seed', record && String(record.seed)],
    ['commit', record?.git ? `${record.git.commit.slice(0, 12)}${record.git.dirty ? ', files differed' : ''}` : undefined], // prettier-ignore
    ['command', record && `meddoprof ${record.command.join(' ')}`],
  ];
  const told = lines.filter(([, text]) => text !== undefined);
  return told.map(([name, text]) => `${name.padEnd(8)} ${text}`).join('\n');
}

/** 12 min ago, 3 days ago. */
function age(date: Date): string {
  const seconds = Math.max(0, (Date.now() - date.getTime()) / 1000);
  const days = Math.floor(seconds / 86_400);
  return days > 1 ? `${days} days ago` : `${formatDuration(seconds)} ago`;
}
