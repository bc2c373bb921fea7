import { NORM } from '../config/choices.js';
import { loadConfig } from '../config/load.js';
import type { Config } from '../config/schema.js';
import { shippedConfig, shippedExperiment } from '../config/shipped.js';
import { loadExperiment } from '../experiment/load.js';
import type { PublishedRow } from '../experiment/schema.js';

/**
 * The shared task's published figures, as experiments/paper.yaml has them: beside tasks that have the labels of
 * a task of default.yaml, whatever their names; those of the codes where there is such a task.
 */
export async function publishedRows({ tasks }: Pick<Config, 'tasks'>): Promise<PublishedRow[]> {
  const { published } = await loadExperiment(shippedExperiment('paper.yaml'));
  const { config } = await loadConfig(shippedConfig('default.yaml'));
  const sorted = (list: readonly string[]) => String([...list].sort());
  const shown = new Map(
    Object.entries(config.tasks).flatMap(([original, { labels }]) => {
      const task = Object.keys(tasks).find((name) => sorted(tasks[name]!.labels) === sorted(labels));
      return task === undefined ? [] : [[original, task] as const];
    }),
  );
  if (shown.size > 0) shown.set(NORM, NORM);
  return published.flatMap((row) => (shown.has(row.task) ? [{ ...row, task: shown.get(row.task)! }] : []));
}
