import { basename } from 'node:path';
import { configDifferences } from '../config/differences.js';
import type { FinishedRun } from '../runFolder/finished.js';

/** A variant: what is compared with others. Its runs differ in nothing but the seed and the fold. */
export interface Group {
  name: string;
  runs: FinishedRun[];
}

/**
 * Gathers runs into variants: those whose configs are the same but for `seed` and `data.fold`. A second run of
 * one config and seed is a repetition, not another seed: it begins a variant of its own. In the order of the runs.
 */
export function groupRuns(runs: readonly FinishedRun[]): Group[] {
  const groups: FinishedRun[][] = [];
  for (const run of runs) {
    const own = groups.find(
      (group) =>
        isSameVariant(group[0]!, run) &&
        group.every(
          ({ config: { seed, data } }) => seed !== run.config.seed || data.fold !== run.config.data.fold,
        ),
    );
    if (own) own.push(run);
    else groups.push([run]);
  }
  const names = distinctNames(groups);
  return groups.map((group, i) => ({ name: names[i]!, runs: group }));
}

function isSameVariant({ config: a }: FinishedRun, { config: b }: FinishedRun): boolean {
  return configDifferences(a, b).every(({ key }) => key === 'seed' || key === 'data.fold');
}

/** The folder's name without its seed and fold; where two would have one name, with it, or the whole path. */
function distinctNames(groups: readonly FinishedRun[][]): string[] {
  const choices = groups.map(([first]) => {
    const { folder, config } = first!;
    const name = basename(folder);
    const { fold } = config.data;
    const end = `-${config.seed}${fold === null ? '' : `-f${fold}`}`;
    return [name.endsWith(end) ? name.slice(0, -end.length) : name, name, folder];
  });
  const isTaken = (name: string, own: string[]) =>
    choices.some((choice) => choice !== own && choice.slice(0, 2).includes(name));
  return choices.map((choice) => choice.find((name) => !isTaken(name, choice)) ?? choice[2]!);
}
