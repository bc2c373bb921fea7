import { cpSync, existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadConfig, makeDemoCorpus, shippedConfig } from 'meddoprof';

const tiny = join(import.meta.dirname, '../../../test/fixtures/tiny-bert');
const counted = (name) => new RegExp(`(\\d+) of (\\d+) ${name}`);

const codes = {
  pairs: counted('steps of the sentence encoder'),
  classifier: counted('passes of the classifier'),
  embedding: counted('sentences embedded'),
};

/**
 * Commands with phases. `prepare` puts what they read into a folder, where `command` is started and after a stop
 * `again`; a phase is known by what the terminal shows: how much of it is done, and of how much.
 */
export const commands = {
  train: {
    prepare: writeAll,
    command: () => ['train', 'config.yaml', '--out', 'run'],
    again: (folder) =>
      existsSync(join(folder, 'run/config.yaml')) ? ['train', '--resume', 'run'] : commands.train.command(),
    phases: {
      scoring: counted('sentences scored'),
      encoding: counted('windows through the encoder'),
      training: /step (\d+)\/(\d+)/,
      validation: /(?=.*validating)step (\d+)\/(\d+).*validating/,
      ...codes,
      evaluation: counted('documents evaluated'),
      codes: counted('documents with codes'),
      gold: counted('mentions with codes'),
      report: counted('resamples'),
    },
  },
  predict: {
    prepare(folder, trained) {
      cpSync(trained, join(folder, 'run'), { recursive: true });
      mkdirSync(join(folder, 'notes'));
      for (const name of readdirSync(join(trained, '../corpus/task1')))
        if (/[02468]\.txt$/.test(name))
          cpSync(join(trained, '../corpus/task1', name), join(folder, 'notes', name));
    },
    command: () => ['predict', 'run', '--input', 'notes', '--out', 'predictions', '--batch-size', '2'],
    again: () => [...commands.predict.command(), '--resume'],
    phases: { documents: counted('documents') },
  },
  normalize: {
    async prepare(folder) {
      await writeAll(folder);
      const words = [
        'médico',
        'enfermera',
        'albañil',
        'jubilado',
        'trabaja en una fábrica',
        'conductor de camión',
      ];
      const mentions = Array.from({ length: 1500 }, (_, i) => `${words[i % words.length]} ${i}`);
      writeFileSync(join(folder, 'mentions.txt'), `${mentions.join('\n')}\n`);
    },
    command: () => ['normalize', 'config.yaml', '--mentions', 'mentions.txt', '--out', 'codes.tsv'],
    again: () => commands.normalize.command(),
    phases: { ...codes, mentions: counted('mentions with codes') },
  },
  pretrain: {
    prepare: writeAll,
    command: () => [
      ...['pretrain', 'config.yaml', '--out', 'encoder', '--set', 'encoder.weights=tiny'],
      ...['--set', 'pretraining.epochs=2', '--set', 'pretraining.heldOutShare=0.5'],
    ],
    again: () => commands.pretrain.command(),
    phases: { measuring: counted('held-out batches'), steps: counted('steps of the pretraining') },
  },
};

/** A corpus and a config whose training has every phase, each long enough to be hit. */
async function writeAll(folder) {
  const { corpus, codes: table, split } = await makeDemoCorpus(folder, { seed: 3, documents: 240 });
  const { tasks } = (await loadConfig(shippedConfig('demo.yaml'))).config;
  const inside = (file) => file.slice(folder.length + 1);
  cpSync(tiny, join(folder, 'tiny'), { recursive: true });
  const scoring = { weights: 'tiny', cache: 'cache/likelihoods' };
  const training = { epochs: 3, batchSize: 16, folder: 'cache/encoders' };
  const embedding = { weight: 1, kind: 'pooledEncoder', weights: 'tiny', cache: 'cache/vectors', training };
  const contexts = Array.from({ length: 12 }, (_, i) => `Trabaja desde hace ${i + 2} años de {}.`);
  const config = {
    tasks,
    data: {
      corpus: inside(corpus),
      codes: inside(table),
      split: inside(split),
      windowPieces: 32,
      windowStride: 16,
    },
    encoder: {
      random: { hidden: 64, layers: 4, heads: 4, intermediate: 256, vocabularySize: 600 },
    },
    model: { lstmUnits: 16 },
    training: {
      batchSize: 8,
      warmupSteps: 5,
      logSteps: 2,
      checkpointSteps: 50,
      epochs: { count: 2, rate: 1e-2, frozen: 'encoder' },
    },
    decoding: { threshold: 0.05 }, // there are spans, however little it has learned
    augmentation: { labels: ['ACTIVIDAD'], multiple: 3, substituteCount: 9, tries: 40, scoring },
    normalization: { classifier: { passes: 400 }, embedding: { ...embedding, contexts } },
  };
  writeFileSync(join(folder, 'config.yaml'), JSON.stringify(config));
}
