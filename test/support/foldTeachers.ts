import { join } from 'node:path';
import { configSchema, type Config } from '../../src/config/schema.js';
import { runToEnd } from './runToEnd.js';
import { tinyRun, type ConfigParts } from './tinyRun.js';

/**
 * Trains a tiny model on the first and the second of three folds, in folders of `root`: the runs, and a config of the same
 * without folds, with another seed. `changes` are laid over it, section by section.
 */
export async function foldTeachers(
  root: string,
  changes: ConfigParts = {},
): Promise<{ teachers: string[]; plain: Config }> {
  const data = { split: null, folds: 3, fold: 1, validationShare: 0.2 };
  const { config } = await tinyRun(root, { ...changes, data });
  const teachers = [1, 2].map((fold) => join(root, `fold-${fold}`));
  for (const [i, folder] of teachers.entries())
    await runToEnd({ ...config, data: { ...config.data, fold: i + 1 } }, { folder, resume: false });
  const plain = configSchema.parse({ ...config, seed: 5, data: { ...config.data, folds: null, fold: null } });
  return { teachers, plain };
}
