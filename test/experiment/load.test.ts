import { describe, expect, test } from '@jest/globals';
import { dirname } from 'node:path';
import { loadConfig } from '../../src/config/load.js';
import { settingTree } from '../../src/config/set.js';
import { UsageError } from '../../src/errors.js';
import { groupsOf, isExperiment, loadExperiment } from '../../src/experiment/load.js';
import { smallestConfig, writeFiles } from '../support/configFiles.js';
import { temporaryFolders } from '../support/temporaryFolder.js';

const folder = temporaryFolders();
const variants = `variants:
  default: { config: my.yaml }
  wide: { config: my.yaml, set: { training.batchSize: 32, encoder.random: { layers: 3 } } }
`;
const write = (text: string) => writeFiles(folder(), { 'words.yaml': text, 'my.yaml': smallestConfig });

/** The error that an experiment file gives, without the folder's name. */
async function mistake(text: string): Promise<string> {
  const file = write(text);
  try {
    await loadExperiment(file);
  } catch (error) {
    expect(error).toBeInstanceOf(UsageError);
    return (error as Error).message.replaceAll(`${dirname(file)}/`, '');
  }
  throw new Error('the experiment was taken');
}

describe('an experiment file', () => {
  test('means a run for every variant and seed, in a folder of its own', async () => {
    const experiment = await loadExperiment(write(`seeds: [3, 1]\n${variants}`));
    expect(experiment).toMatchObject({ name: 'words', folder: 'runs/words', baseline: 'default' });
    expect(experiment.runs.map((run) => run.folder)).toEqual(
      ['default-3', 'default-1', 'wide-3', 'wide-1'].map((name) => `runs/words/${name}`),
    );
    expect(groupsOf(experiment).map(({ name, runs }) => [name, runs.map(({ seed }) => seed)])).toEqual([
      ['default', [3, 1]],
      ['wide', [3, 1]],
    ]);
  });

  test('is told from a config', async () => {
    expect(await mistake('extends: my.yaml\ntraining: { batchSize: 8 }\n')).toBe(
      'words.yaml is a config, and no experiment file: it has no variants to compare',
    );
    expect(await mistake('extends: my.yaml\nvariants: {}\n')).toContain('extends is unknown');
  });

  test('sets options, the split and the seed of the configs', async () => {
    const { runs } = await loadExperiment(write(`seeds: [3]\nsplit: 7\n${variants}`));
    const { config, settings } = runs[1]!;
    const over = settings.map(({ key, value }) => settingTree(key.split('.'), value));
    expect((await loadConfig(config, { over })).config).toMatchObject({
      seed: 3,
      data: { splitSeed: 7 },
      training: { batchSize: 32 },
      encoder: { random: { layers: 3, hidden: 64 } },
    });
  });

  test('with folds means a run for each of them, which holds it out', async () => {
    const { runs, folds } = await loadExperiment(write(`seeds: [3, 1]\nfolds: 2\n${variants}`));
    expect(folds).toBe(2);
    expect(runs.map(({ name }) => name)).toEqual(
      ['default', 'wide'].flatMap((name) => ['3-f1', '3-f2', '1-f1', '1-f2'].map((end) => `${name}-${end}`)),
    );
    const { config, settings, fold } = runs[3]!;
    const over = settings.map(({ key, value }) => settingTree(key.split('.'), value));
    expect(fold).toBe(2);
    expect((await loadConfig(config, { over })).config).toMatchObject({
      seed: 1,
      data: { folds: 2, fold: 2 },
    });
  });

  test('that sets a wrong value gives an error with its own line', async () => {
    const file = write('variants:\n  bad:\n    config: my.yaml\n    set:\n      training.batchSize: 0\n');
    const { config, settings } = (await loadExperiment(file)).runs[0]!;
    const over = settings.map(({ key, value }) => settingTree(key.split('.'), value));
    await expect(loadConfig(config, { over })).rejects.toThrow(
      `${file}:5: training.batchSize is 0; it must be a whole number from 1 to 65536`,
    );
  });

  test('has one seed, no published rows and modest resources by default', async () => {
    const experiment = await loadExperiment(write(variants));
    expect(experiment).toMatchObject({ seeds: [1], published: [], resources: { cpus: 2, gpus: 0 } });
  });

  test('loads where a config that it names is not there: that concerns its runs alone', async () => {
    const { runs } = await loadExperiment(write('variants: { lost: { config: none.yaml } }'));
    expect(runs).toHaveLength(1);
  });
});

describe('what is an experiment', () => {
  test.each([
    [variants, true],
    ['seeds: [1]', true],
    [smallestConfig, false],
    [`extends: base.yaml\nseeds: 1`, false],
  ])('%j: %s', async (text, answer) => {
    expect(await isExperiment(write(text))).toBe(answer);
  });
});

describe('a mistake in an experiment file', () => {
  test.each([
    ['no file content', '', 'words.yaml: the experiment is empty; start from experiments/paper.yaml'],
    [
      'two variants with one name',
      'variants:\n  a: { config: my.yaml }\n  a: { config: other.yaml }\n',
      'words.yaml:3: a stands twice in its section; keep one of them',
    ],
    [
      'two variants with one name but for case',
      'variants:\n  a: { config: my.yaml }\n  A: { config: my.yaml }\n',
      'words.yaml:3: variants.A and a are one folder where case does not count; give one another name',
    ],
    ['no variants', 'variants: {}\n', /^words\.yaml:1: variants is empty: name at least one variant$/],
    ['a variant without a config', 'variants:\n  a: {}\n', /^words\.yaml:2: variants\.a\.config is missing/],
    [
      'a name that is no folder',
      'variants:\n  a/b: { config: my.yaml }\n',
      /^words\.yaml:2: variants\.a\/b has a name that is not allowed: a variant is named with letters/,
    ],
    ['a mistyped key', `sedes: [1]\n${variants}`, 'words.yaml:1: sedes is unknown; did you mean seeds?'],
    [
      'a seed twice',
      `seeds:\n  - 1\n  - 1\n${variants}`,
      'words.yaml:3: seeds[1] is 1, which is in the list already',
    ],
    [
      'a baseline that is no variant',
      `baseline: defualt\n${variants}`,
      'words.yaml:1: baseline is defualt, and no variant has that name; did you mean default?',
    ],
    [
      'a seed among the settings',
      'variants:\n  a: { config: my.yaml, set: { seed: 3 } }\n',
      'words.yaml:2: variants.a.set.seed cannot be set here; `seeds` says it',
    ],
    [
      'one fold',
      `folds: 1\n${variants}`,
      'words.yaml:1: folds is 1; it must be a whole number from 2 to 100, or null',
    ],
    [
      'a fold among the settings',
      'folds: 3\nvariants:\n  a: { config: my.yaml, set: { data.fold: 3 } }\n',
      'words.yaml:3: variants.a.set.data.fold cannot be set here; `folds` says it',
    ],
    [
      'a split among the settings beside folds',
      'folds: 3\nvariants:\n  a: { config: my.yaml, set: { data.split: split.json } }\n',
      'words.yaml:3: variants.a.set.data.split cannot be set here; `folds` says which documents are held out',
    ],
    [
      'a published score above 1',
      `published:\n  - { name: x, task: ner, f1: 69.8 }\n${variants}`,
      'words.yaml:2: published[0].f1 is 69.8; it must be a number from 0 to 1',
    ],
    [
      'a time that is none',
      `resources: { time: soon }\n${variants}`,
      'words.yaml:1: resources.time is "soon": write it as "04:00:00" or "1-12:00:00"',
    ],
    ['several', 'split: x\nseeds: []\n', /^the experiment has 3 mistakes\n {2}words\.yaml:1/],
  ])('%s is told with its line', async (_, text, message) => {
    expect(await mistake(text)).toEqual(
      typeof message === 'string' ? message : expect.stringMatching(message),
    );
  });
});

test('an experiment whose runs would lie beside the folder of runs is told, unless their folder is named', async () => {
  const file = writeFiles(folder(), { '...yaml': variants });
  await expect(loadExperiment(file)).rejects.toThrow(
    `${file}: its runs would be in runs/..; rename the file, or name a folder with --out`,
  );
  expect((await loadExperiment(file, 'mine')).runs[0]!.folder).toBe('mine/default-1');
});
