import { basename, dirname, isAbsolute, join } from 'node:path';
import { repeated } from '../config/check.js';
import { nearest } from '../config/nearest.js';
import { describeProblems, type Problem, problemsOf } from '../config/problems.js';
import { type Mapping, readMapping } from '../config/source.js';
import { plain, type Tree, treeAt } from '../config/tree.js';
import { isFileName } from '../files/inside.js';
import { UsageError } from '../errors.js';
import {
  type ExperimentFile,
  experimentOptions,
  experimentSchema,
  type PublishedRow,
  type Resources,
} from './schema.js';

/** An experiment file, and the runs that it means. */
export interface Experiment {
  file: string;
  /** The file's name without its ending. */
  name: string;
  /** The folder of its runs. */
  folder: string;
  variants: string[];
  seeds: number[];
  /** Into how many parts the documents are dealt; null where there is no cross-validation. */
  folds: number | null;
  /** The variant that the others are compared with. */
  baseline: string;
  /** Variant by variant, seed by seed, fold by fold. */
  runs: ExperimentRun[];
  published: PublishedRow[];
  resources: Resources;
}

export interface ExperimentRun {
  /** `<variant>-<seed>`, of a fold `<variant>-<seed>-f<fold>` */
  name: string;
  variant: string;
  seed: number;
  /** The one that is held out, from 1; null where there are none. */
  fold: number | null;
  /** Where the run is, or will be: `runs/<experiment>/<name>`. */
  folder: string;
  /** Its config file; nobody has looked whether it is there. */
  config: string;
  /** What the experiment changes in it, with the lines that say so. */
  settings: Setting[];
}

/** An option of the config that the experiment sets. */
export interface Setting {
  /** `section.key` */
  key: string;
  value: Tree;
}

/** Whether a file lists variants or seeds, where a config names tasks or another config. @throws as readMapping */
export async function isExperiment(file: string): Promise<boolean> {
  const { value } = await readMapping(file, 'config');
  return value.has('variants') || (value.has('seeds') && !isConfig(value));
}

const isConfig = (value: Mapping['value']) => value.has('tasks') || value.has('extends');

/**
 * Reads an experiment file. The configs that it names are not read: what is wrong with one concerns its own
 * runs, and the others go on.
 * @param folder where the runs are; `runs/<name of the file>` by default
 * @throws UsageError with a line for every problem: file and line, the key, what is wrong, what is allowed
 */
export async function loadExperiment(file: string, folder?: string): Promise<Experiment> {
  const tree = await readMapping(file, 'experiment');
  if (isConfig(tree.value) && !tree.value.has('variants'))
    throw new UsageError(`${file} is a config, and no experiment file: it has no variants to compare`);
  const parsed = experimentSchema.safeParse(plain(tree));
  const problems = parsed.success
    ? [...contradictions(parsed.data)]
    : problemsOf(parsed.error.issues, tree, experimentOptions);
  if (!parsed.success || problems.length > 0)
    throw new UsageError(describeProblems(problems, tree, 'experiment'));
  const { variants, seeds, folds, baseline, published, resources } = parsed.data;
  const name = basename(file).replace(/\.ya?ml$/, '');
  if (folder === undefined && !isFileName(name))
    throw new UsageError(
      `${file}: its runs would be in runs/${name}; rename the file, or name a folder with --out`,
    );
  const home = folder ?? join('runs', name);
  const names = Object.keys(variants);
  return {
    file,
    name,
    folder: home,
    variants: names,
    seeds,
    folds,
    published,
    resources,
    baseline: baseline ?? names[0]!,
    runs: names.flatMap((variant) =>
      seeds.flatMap((seed, i) =>
        foldNumbers(folds).map((fold): ExperimentRun => {
          const { config } = variants[variant]!;
          const name = `${variant}-${seed}${fold === null ? '' : `-f${fold}`}`;
          return {
            name,
            variant,
            seed,
            fold,
            folder: join(home, name),
            config: isAbsolute(config) ? config : join(dirname(file), config),
            settings: settingsOf(tree, variant, i, fold),
          };
        }),
      ),
    ),
  };
}

/** The runs of each variant, as they are compared. */
export function groupsOf({ variants, runs }: Experiment): { name: string; runs: ExperimentRun[] }[] {
  return variants.map((name) => ({ name, runs: runs.filter(({ variant }) => variant === name) }));
}

function foldNumbers(folds: number | null): (number | null)[] {
  return folds === null ? [null] : Array.from({ length: folds }, (_, i) => i + 1);
}

function settingsOf(tree: Mapping, variant: string, seedIndex: number, fold: number | null): Setting[] {
  const own = treeAt(tree, ['variants', variant, 'set'])?.value;
  const split = treeAt(tree, ['split']);
  const folds = treeAt(tree, ['folds']);
  const seed = treeAt(tree, ['seeds', seedIndex]) ?? { where: tree.where, value: 1 };
  return [
    ...(own instanceof Map ? [...own].map(([key, value]) => ({ key, value })) : []),
    ...(split && split.value !== null ? [{ key: 'data.splitSeed', value: split }] : []),
    ...(folds && fold !== null
      ? [
          { key: 'data.folds', value: folds },
          { key: 'data.fold', value: { where: folds.where, value: fold } },
        ]
      : []),
    { key: 'seed', value: seed },
  ];
}

/** Of an experiment: what Slurm takes as one job array, by default. */
const MOST_RUNS = 1000;

/** What is wrong between values that are each right by themselves. */
function* contradictions({ seeds, split, folds, baseline, variants }: ExperimentFile): Generator<Problem> {
  const names = Object.keys(variants);
  for (const [i, seed] of repeated(seeds))
    yield { path: ['seeds', i], message: `is ${seed}, which is in the list already` };
  const runs = seeds.length * names.length * (folds ?? 1);
  if (runs > MOST_RUNS)
    yield {
      path: [folds === null ? 'seeds' : 'folds'],
      message: `${folds === null ? 'and variants' : 'of each seed and variant'} make ${runs} runs; an experiment has at most ${MOST_RUNS}`,
    };
  if (baseline !== null && !names.includes(baseline)) {
    const near = nearest(baseline, names);
    const help = near === undefined ? `the variants are ${names.join(', ')}` : `did you mean ${near}?`;
    yield { path: ['baseline'], message: `is ${baseline}, and no variant has that name; ${help}` };
  }
  const byFolder = new Map<string, string>();
  for (const name of names) {
    const same = byFolder.get(name.toLowerCase());
    byFolder.set(name.toLowerCase(), name);
    if (same !== undefined)
      yield {
        path: ['variants', name],
        message: `and ${same} are one folder where case does not count; give one another name`,
      };
    for (const key of Object.keys(variants[name]!.set)) {
      const path = ['variants', name, 'set', key];
      if (key.split('.').includes(''))
        yield { path, message: 'is no option; write it as section.key, training.batchSize: 8' };
      if (key === 'seed') yield { path, message: 'cannot be set here; `seeds` says it' };
      if (key === 'data.folds' || key === 'data.fold')
        yield { path, message: 'cannot be set here; `folds` says it' };
      if (key === 'data.split' && folds !== null)
        yield { path, message: 'cannot be set here; `folds` says which documents are held out' };
      if (key === 'data.splitSeed' && split !== null)
        yield { path, message: 'cannot be set here; `split` says it' };
    }
  }
}
