import { loadConfig, settingsInEffect } from '../config/load.js';
import type { Config } from '../config/schema.js';
import { settingTree } from '../config/set.js';
import type { Tree } from '../config/tree.js';
import { UsageError } from '../errors.js';
import type { ExperimentRun } from './load.js';

type Configured = Pick<ExperimentRun, 'config' | 'settings'>;

/** The config of a run, as the experiment and `--set` change it. @throws UsageError as loadConfig */
export async function configOf(run: Configured, set: string[]): Promise<Config> {
  const own = await settingsFor(run, set);
  return (await loadConfig(run.config, { over: overOf(run), set: own })).config;
}

/** What of `--set`, which is for all runs, counts in this one: another variant may be the one that it is meant for. */
export function settingsFor(run: Configured, set: string[]): Promise<string[]> {
  return settingsInEffect(run.config, { over: overOf(run), set });
}

/** @throws UsageError for settings that are wrong in every run, or count in none, with what is wrong in the first */
export async function checkSettings(runs: readonly ExperimentRun[], set: string[]): Promise<void> {
  const variants = [...new Map(runs.map((run) => [run.variant, run])).values()];
  await checkThatSomeTake(set, variants);
  const counting = new Set<string>();
  for (const run of variants)
    for (const setting of await settingsFor(run, set).catch(() => set)) counting.add(setting);
  const [first] = variants;
  const idle = set.filter((setting) => !counting.has(setting));
  if (idle.length === 0 || !first) return;
  await loadConfig(first.config, { over: overOf(first), set: idle });
  throw new UsageError(`--set ${idle[0]} has no effect in any run: leave it out`);
}

/** A variant that is wrong by itself concerns its own runs, and says nothing of the settings. */
async function checkThatSomeTake(set: string[], variants: readonly ExperimentRun[]): Promise<void> {
  const faultOf = (run: ExperimentRun, own: string[]) =>
    configOf(run, own).then(
      () => undefined,
      (error: unknown) => error,
    );
  const faults: unknown[] = [];
  for (const run of variants)
    if ((await faultOf(run, [])) === undefined) faults.push(await faultOf(run, set));
  if (faults.length > 0 && faults.every((fault) => fault !== undefined)) throw faults[0];
}

function overOf({ settings }: Configured): Tree[] {
  return settings.map(({ key, value }) => settingTree(key.split('.'), value));
}
