import { loadConfig } from '../config/load.js';
import type { Config } from '../config/schema.js';
import { settingTree } from '../config/set.js';
import type { ExperimentRun } from './load.js';

/** The config of a run, as the experiment and `--set` change it. @throws UsageError as loadConfig */
export async function configOf(
  { config, settings }: Pick<ExperimentRun, 'config' | 'settings'>,
  set: string[],
): Promise<Config> {
  const over = settings.map(({ key, value }) => settingTree(key.split('.'), value));
  return (await loadConfig(config, { over, set })).config;
}
