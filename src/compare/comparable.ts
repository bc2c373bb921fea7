import { configDifferences } from '../config/differences.js';
import { InputError } from '../errors.js';
import type { FinishedRun } from '../runFolder/finished.js';
import { pooledNames, type Pool } from './pools.js';

/**
 * Whether runs, or folds together, were scored on the same documents, against the same gold, by the same labels: what differs
 * otherwise is not the systems alone.
 * @throws InputError naming two runs and what differs
 */
export function checkComparable(pools: readonly Pool[]): void {
  const [first] = pools;
  for (const pool of pools)
    for (const run of pool.runs) {
      const own = first!.runs[0]!;
      const difference = differenceOf(own, run) ?? splitDifference(first!, pool) ?? codesDifference(own, run);
      if (difference !== undefined)
        throw new InputError(`${own.folder} and ${run.folder} cannot be compared: ${difference}`);
    }
}

function differenceOf(a: FinishedRun, b: FinishedRun): string | undefined {
  const [task] = configDifferences(a.config, b.config).filter(({ key }) => key.startsWith('tasks.'));
  if (task)
    return `their tasks differ, ${task.key} is ${JSON.stringify(task.values[0])} in one and ${JSON.stringify(task.values[1])} in the other.`;
  const [own, others] = [a.record.corpus, b.record.corpus];
  if (own.hash !== others.hash)
    return `their corpora differ, ${own.folder} (${own.documents} documents, hash ${own.hash.slice(0, 8)}) and ${others.folder} (${others.documents}, ${others.hash.slice(0, 8)}).`;
  return undefined;
}

function splitDifference(a: Pool, b: Pool): string | undefined {
  const held = new Set(pooledNames(a));
  const others = pooledNames(b);
  const shared = others.filter((name) => held.has(name)).length;
  if (shared === held.size && shared === others.length) return undefined;
  return (
    `they hold out other documents (${held.size} and ${others.length}, of which ${shared} are the same); ` +
    'train both with one data.splitSeed, or one data.split, or in folds.'
  );
}

/** Codes count in all runs, by the same rule, or in none. */
function codesDifference(a: FinishedRun, b: FinishedRun): string | undefined {
  const [own, others] = [a, b].map(({ evaluation }) => evaluation.norm?.semantics ?? 'not scored');
  if (own === others) return undefined;
  return `their codes are scored by other rules (${own}; ${others}); train both with one data.codes.`;
}
