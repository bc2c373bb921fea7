import { expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { compareRuns } from '../../src/compare/compare.js';
import { checkWhole } from '../../src/config/given.js';
import {
  compare,
  evaluate,
  InputError,
  makeDemoCorpus,
  loadConfig,
  openEmbedder,
  openModel,
  openNormalizer,
  readCorpus,
  report,
  train,
  UsageError,
  type Config,
} from '../../src/index.js';
import { fixtureFolder } from '../support/fixtures.js';
import { temporaryFolders } from '../support/temporaryFolder.js';
import { tinyConfig } from '../support/tinyRun.js';

const folder = temporaryFolders();
const config = tinyConfig({ data: { corpus: 'nowhere' } });

test.each([
  [[Number.NaN, 1, 65_536], 'n needs a whole number, 1 to 65,536'],
  [[-1, 1, 65_536], 'n needs a whole number, 1 to 65,536'],
  [[65_537, 1, 65_536], 'n needs a whole number, 1 to 65,536'],
  [[2.5, 2], 'n needs a whole number, 2 or more'],
  [[1.5], 'n needs a whole number'],
] as [[number, number?, number?], string][])('%j is refused: %s', (numbers, message) => {
  expect(() => checkWhole('n', ...numbers)).toThrow(new UsageError(message));
});

test.each([[{ resamples: 0 }], [{ permutations: Number.NaN }], [{ seed: 1.5 }]])(
  'a comparison by %p is refused',
  async (options) => {
    await expect(compareRuns([], options)).rejects.toThrow('needs a whole number');
  },
);

test.each([
  ['a batch of less than nothing', { ...config, training: { ...config.training, batchSize: -3 } }, 'training.batchSize is -3; it must be a whole number'], // prettier-ignore
  ['all that loadConfig gives', { config, name: 'tiny', files: [] } as never, 'config is unknown'],
  ['nothing', undefined as never, 'is undefined; it must be'],
] as [string, Config, string][])('a training by %s is refused', async (_, wrong, message) => {
  const begun = train(wrong, { folder: join(folder(), 'run') }).next();
  await expect(begun).rejects.toThrow(message);
  await expect(begun).rejects.toThrow(UsageError);
});

test.each([[{ documents: 1 }], [{ documents: 2.5 }], [{ seed: 1.5 }]])(
  'a demo corpus of %p is refused',
  async (options) => {
    await expect(makeDemoCorpus(folder(), options)).rejects.toThrow(UsageError);
  },
);

test.each([
  [{ engine: 'gpu' }, 'engine is gpu; it can be auto, native, webgpu, wasm, cpu'],
  [{ device: 'tpu' }, 'device is tpu; it can be auto, gpu, cpu'],
  [{ precision: 'float64' }, 'precision is float64; it can be float32, bfloat16'],
  [{ kind: 'foo' }, 'kind is foo; it can be sentenceTransformers, pooledEncoder, universalSentenceEncoder'],
])('an embedder with %p is refused, and nothing is started', async (options, message) => {
  const bert = join(fixtureFolder, 'tiny-bert');
  const opened = openEmbedder(bert, { kind: 'pooledEncoder', ...options } as never);
  await expect(opened).rejects.toThrow(new UsageError(message));
  expect(tf.getBackend()).toBeFalsy();
});

test('a corpus of a format that there is not is refused', async () => {
  const read = readCorpus(folder(), config.tasks, { format: 'foo' as never });
  await expect(read).rejects.toThrow(/^format is foo; it can be auto, brat, /);
});

test.each([
  [{ rule: 'foo' }, 'rule is foo; it can be official, all'],
  [{ format: 'foo' }, 'format is foo; it can be brat, '],
  [{ examples: -1 }, 'examples needs a whole number, 0 or more'],
])('an evaluation by %p is refused', async (options, message) => {
  const request = { task: 'ner', gold: folder(), predictions: folder(), ...options };
  await expect(evaluate(request as never)).rejects.toThrow(message);
});

test.each([
  ['a config of no file', () => loadConfig(undefined as never), 'file must be given'],
  ['a config that is none', () => loadConfig({ data: { corpus: 'x' } } as never), 'file needs a text'],
  ['settings in one text', () => loadConfig('a.yaml', { set: 'seed=1' as never }), 'set needs a list, [ … ]'],
  [
    'an evaluation of no predictions',
    () => evaluate({ task: 'ner', gold: 'g' } as never),
    'predictions must be given',
  ],
  ['a training in no folder', () => train(config, {} as never).next(), 'folder must be given'],
  ['a model of undefined', () => openModel(undefined as never), 'name the folder of a run to open'],
  ['a model of a number', () => openModel([7] as never), 'run needs a text'],
  ['a report of no run', () => report(undefined as never), 'run must be given'],
  ['codes of no run', () => openNormalizer(undefined as never), 'from must be given'],
  ['a corpus of no folder', () => readCorpus(undefined as never, config.tasks), 'folder must be given'],
] as [string, () => Promise<unknown>, string][])('%s is refused in a sentence', async (_, call, message) => {
  await expect(call()).rejects.toThrow(new UsageError(message));
});

test.each([
  ['a model', () => openModel('run', { batchsize: 4 } as never), 'batchsize is no option; did you mean batchSize?'], // prettier-ignore
  ['a model', () => openModel('run', { spans: 4 } as never), 'spans is no option; they are engine, device, precision, checkpoint, batchSize, tuned, earlyExit, set'], // prettier-ignore
  ['a model', () => openModel('run', null as never), 'options need an object, { … }'],
  ['an embedder', () => openEmbedder('bert', { type: 'pooledEncoder' } as never), 'type is no option; '],
  ['codes', () => openNormalizer('run', { settings: [] } as never), 'settings is no option; they are set'],
  ['a training', () => train(config, { folder: 'run', resumes: true } as never).next(), 'did you mean resume?'], // prettier-ignore
  ['an evaluation', () => evaluate({ task: 'ner', gold: 'g', prediction: 'p' } as never), 'did you mean predictions?'], // prettier-ignore
  ['a comparison', () => compare(['a', 'b'], { fold: [1] } as never), 'fold is no option; '],
  ['a report', () => report('run', { output: 'a.html' } as never), 'output is no option; '],
  ['a config', () => loadConfig('a.yaml', { sets: [] } as never), 'sets is no option; did you mean set?'],
  ['a demo corpus', () => makeDemoCorpus('c', { document: 2 } as never), 'did you mean documents?'],
] as [string, () => Promise<unknown>, string][])(
  '%s with an option that there is not is refused by its name: %#',
  async (_, call, message) => {
    await expect(call()).rejects.toThrow(message);
    await expect(call()).rejects.toThrow(UsageError);
  },
);

test('a demo corpus in a file is refused', async () => {
  const file = join(folder(), 'file');
  writeFileSync(file, '');
  await expect(makeDemoCorpus(file, { documents: 2 })).rejects.toThrow(InputError);
});

test('a comparison of what is no list, a model of no run and a corpus of no task are refused', async () => {
  await expect(compare('runs/a-1' as never)).rejects.toThrow(new UsageError('paths needs a list, [ … ]'));
  await expect(openModel([])).rejects.toThrow(new UsageError('name the folder of a run to open'));
  await expect(openModel('run', { set: 'a=1' as never })).rejects.toThrow('set needs a list');
  await expect(readCorpus(folder(), {})).rejects.toThrow('tasks is empty');
});
