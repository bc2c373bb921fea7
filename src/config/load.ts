import { basename } from 'node:path';
import { UsageError } from '../errors.js';
import { contradictions } from './check.js';
import { withoutEffect } from './idle.js';
import { rootSchema } from './options.js';
import { withoutFormer } from './former.js';
import { describeProblems, problemsOf } from './problems.js';
import { type Config, configSchema } from './schema.js';
import { parseSet } from './set.js';
import { readSources } from './source.js';
import { dropRemoved, mergeTrees, openSections, plain, type Tree, treeOf } from './tree.js';

export interface LoadedConfig {
  config: Config;
  /** The file's name without its ending: the name of runs made of it. */
  name: string;
  /** The files that were read, the extended ones first. */
  files: string[];
}

/**
 * Reads a config file (YAML), the files that it extends and the settings of --set, each laid on the ones
 * before, and fills in the defaults. Paths in a config are relative to the working directory.
 * @param options.over settings of an experiment, each an option's tree; they come before `set`
 * @param options.set settings `section.key=value`, the value in YAML
 * @throws UsageError with a line for every problem: file and line, the key, what is wrong, what is allowed.
 */
export async function loadConfig(
  file: string,
  options: { over?: Tree[]; set?: string[] } = {},
): Promise<LoadedConfig> {
  const sources = await readSources(file);
  const settings = [...(options.over ?? []), ...(options.set ?? []).map(parseSet)];
  const layers = [...sources.map(({ tree }) => tree), ...settings].map((tree) =>
    openSections(withoutFormer(tree), rootSchema),
  );
  return {
    config: resolve(layers, file),
    name: basename(file).replace(/\.ya?ml$/, ''),
    files: sources.map((source) => source.file),
  };
}

/**
 * The config that settings of --set make of another. `where` names what that one was read from.
 * @throws UsageError as loadConfig
 */
export function changedConfig(config: Config, where: string, set: readonly string[]): Config {
  const layers = [treeOf(config, where), ...set.map(parseSet)];
  return resolve(
    layers.map((tree) => openSections(withoutFormer(tree), rootSchema)),
    where,
  );
}

function resolve(layers: Tree[], file: string): Config {
  const tree = dropRemoved({ ...layers.reduce(mergeTrees), where: file }, rootSchema);
  const parsed = configSchema.safeParse(plain(tree));
  const problems = parsed.success
    ? [...contradictions(parsed.data), ...withoutEffect(parsed.data, layers)]
    : problemsOf(parsed.error.issues, tree);
  if (parsed.success && problems.length === 0) return parsed.data;
  throw new UsageError(describeProblems(problems, tree));
}
