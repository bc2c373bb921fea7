import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { z } from 'zod';
import type { Config } from '../config/schema.js';
import { readText } from '../data/files.js';
import { publishedSchema, type PublishedRow } from '../experiment/schema.js';
import { NORM } from './data.js';

const fileSchema = z.strictObject({
  labels: z.record(z.string(), z.array(z.string())),
  rows: z.array(publishedSchema),
});

/** The shared task's published figures for the tasks that have its labels; the codes' where any task has. */
export async function publishedRows({ tasks }: Pick<Config, 'tasks'>): Promise<PublishedRow[]> {
  const file = fileURLToPath(new URL('../../experiments/published.yaml', import.meta.url));
  const { labels, rows } = fileSchema.parse(parse(await readText(file)));
  const sorted = (list: readonly string[]) => String([...list].sort());
  const shown = new Map(
    Object.entries(labels).flatMap(([published, own]) => {
      const task = Object.keys(tasks).find((name) => sorted(tasks[name]!.labels) === sorted(own));
      return task === undefined ? [] : [[published, task] as const];
    }),
  );
  if (shown.size > 0) shown.set(NORM, NORM);
  return rows.flatMap((row) => (shown.has(row.task) ? [{ ...row, task: shown.get(row.task)! }] : []));
}
