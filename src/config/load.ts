import { basename } from 'node:path';
import { UsageError } from '../errors.js';
import { contradictions } from './check.js';
import { checkList, checkOptions, checkText } from './given.js';
import { withoutEffect } from './idle.js';
import { rootSchema } from './options.js';
import { withoutFormer } from './former.js';
import { describeProblems, problemsOf } from './problems.js';
import { type Config, configSchema } from './schema.js';
import { parseSet } from './set.js';
import { readSources, type Source } from './source.js';
import { dropRemoved, mergeTrees, openSections, plain, type Tree, treeOf } from './tree.js';

/** A config with every option filled in. */
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
 * @param file the config file
 * @param options settings over it
 * @throws UsageError with a line for every problem: file and line, the key, what is wrong, what is allowed; InputError
 * for a file that cannot be read
 */
export async function loadConfig(file: string, options: LoadOptions = {}): Promise<LoadedConfig> {
  checkText('file', file);
  checkOptions(options, { set: true, over: true, pretrains: true });
  checkList('set', options.set);
  const sources = await readSources(file);
  return {
    config: resolve(layersOf(sources, options), file, options.pretrains),
    name: basename(file).replace(/\.ya?ml$/, ''),
    files: sources.map((source) => source.file),
  };
}

/** Those of the settings `set` that no other option makes idle in the config that they all make; all where it is none. */
export async function settingsInEffect(
  file: string,
  { over = [], set = [] }: LoadOptions,
): Promise<string[]> {
  const layers = layersOf(await readSources(file), { over, set });
  const parsed = configSchema.safeParse(plain(treeOfLayers(layers, file)));
  if (!parsed.success) return set;
  const idle = withoutEffect(parsed.data, layers).map(({ path }) => path.join('.'));
  return set.filter((setting) => !idle.some((path) => `${setting.split('=')[0]}.`.startsWith(`${path}.`)));
}

/** What is laid over a config file. */
export interface LoadOptions {
  /** Settings of an experiment, each an option's tree; they come before `set`. @internal */
  over?: Tree[];
  /** Settings `section.key=value`, the value in YAML. */
  set?: string[];
  /** Whether it is for pretraining, where options count that a training of the same config would not use. @internal */
  pretrains?: boolean;
}

function layersOf(sources: readonly Source[], { over = [], set = [] }: LoadOptions): Tree[] {
  return [...sources.map(({ tree }) => tree), ...over, ...set.map(parseSet)].map((tree) =>
    openSections(withoutFormer(tree), rootSchema),
  );
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

/** What a program hands over as a config, held to what a file must say. @throws UsageError as loadConfig */
export function checkedConfig(config: Config): Config {
  return changedConfig(config, 'what was given', []);
}

function resolve(layers: Tree[], file: string, pretrains = false): Config {
  const tree = treeOfLayers(layers, file);
  const parsed = configSchema.safeParse(plain(tree));
  const problems = parsed.success
    ? [...contradictions(parsed.data), ...withoutEffect(parsed.data, layers, pretrains)]
    : problemsOf(parsed.error.issues, tree);
  if (parsed.success && problems.length === 0) return parsed.data;
  throw new UsageError(describeProblems(problems, tree));
}

function treeOfLayers(layers: Tree[], file: string): Tree {
  return dropRemoved({ ...layers.reduce(mergeTrees), where: file }, rootSchema);
}
