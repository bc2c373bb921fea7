import { groupBy } from '../data/groupBy.js';
import type { Experiment } from '../experiment/load.js';
import type { PlannedRun } from '../experiment/plan.js';
import type { Outcome } from '../experiment/run.js';
import { formatScore } from './format.js';
import { formatTable } from './table.js';

/** The runs of an experiment and how each stands. */
export function plannedTable(experiment: Experiment, planned: PlannedRun[]): string {
  return [runsTable(planned), ...reasons(planned)].join('\n') + `\n\nThe runs are in ${experiment.folder}`;
}

/** What is refused, a line for each reason: people are told before the others are trained, which may take days. */
export function refusedLines(planned: PlannedRun[]): string[] {
  const refused = planned.filter(({ state }) => state === 'refused');
  return [...groupBy(refused, ({ reason }) => reason)].map(
    ([reason, runs]) => `${firstOf(runs)} cannot run: ${reason}`,
  );
}

function firstOf([first, ...others]: readonly PlannedRun[]): string {
  return `${first!.name}${others.length > 0 ? ` and ${others.length} more` : ''}`;
}

/** The same when it has ended: every run that has no result with the reason and its log. */
export function experimentTable(experiment: Experiment, outcomes: Outcome[]): string {
  const done = outcomes.filter(({ state }) => state === 'finished').length;
  const count = `${done} of ${outcomes.length} runs are finished; they are in ${experiment.folder}`;
  return [runsTable(outcomes), ...reasons(outcomes), '', count].join('\n');
}

function runsTable(runs: PlannedRun[]): string {
  const tasks = [...new Set(runs.flatMap(({ status }) => Object.keys(status?.f1 ?? {})))];
  const rows = runs.map(({ name, state, status }) => [
    name,
    state,
    status ? epochsText(status.epoch) : '–',
    ...tasks.map((task) => (status?.f1[task] === undefined ? '–' : formatScore(status.f1[task]))),
  ]);
  return formatTable(['run', 'state', 'epochs', ...tasks.map((task) => `${task} F1`)], rows);
}

function reasons(runs: (PlannedRun & { log?: string })[]): string[] {
  const why = ({ reason, log }: (typeof runs)[number]) => reason && `${reason}${log ? ` (see ${log})` : ''}`;
  const lines = [...groupBy(runs, why)].flatMap(([reason, own]) =>
    reason === undefined ? [] : [`${firstOf(own)}: ${reason}`],
  );
  return lines.length > 0 ? ['', ...lines] : [];
}

/** "2/4"; "2" where the number of epochs is not known. */
export function epochsText({ done, of }: { done: number; of: number | null }): string {
  return of === null ? String(done) : `${done}/${of}`;
}

/** A run for --json. */
export function shownRun(run: PlannedRun & Partial<Outcome>): object {
  const { name, variant, seed, fold, folder, state, reason, did, log, status } = run;
  return { name, variant, seed, fold, folder, state, reason, did, log, epoch: status?.epoch, f1: status?.f1 };
}
