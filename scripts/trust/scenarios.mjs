import { createHash } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';

const root = join(import.meta.dirname, '../..');
const fixtures = join(root, 'test/fixtures');

/**
 * Commands that leave something. `prepare` puts what they read into a folder of their own, in which `command` is
 * started and after a fault `again`; `ignored` are files that no two runs share.
 */
export const scenarios = {
  train: {
    prepare: (folder) => writeCorpus(folder, {}),
    command: () => ['train', 'config.yaml', '--out', 'run'],
    again: (folder) => (isRun(folder, 'run') ? ['train', '--resume', 'run'] : scenarios.train.command()),
  },
  frozen: {
    prepare: (folder) => writeCorpus(folder, { frozen: true }),
    command: () => ['train', 'config.yaml', '--out', 'run'],
    again: (folder) => (isRun(folder, 'run') ? ['train', '--resume', 'run'] : scenarios.train.command()),
  },
  predict: {
    prepare: (folder, { trained }) => {
      cpSync(trained, join(folder, 'run'), { recursive: true });
      writeTexts(folder);
    },
    command: () => ['predict', 'run', '--input', 'notes', '--out', 'predictions', '--engine', 'wasm'],
    again: () => [...scenarios.predict.command(), '--resume'],
  },
  augment: {
    prepare: (folder) => writeCorpus(folder, { augmented: true }),
    command: () => ['augment', 'config.yaml', '--out', 'made'],
    again: () => scenarios.augment.command(),
    isDone: /is not empty: choose another --out/, // killed when it was
  },
  fetch: {
    prepare: (folder) => cpSync(join(fixtures, 'tiny-bert'), join(folder, 'source'), { recursive: true }),
    command: () => ['fetch', 'source', '--out', 'model'],
    again: () => scenarios.fetch.command(),
  },
  experiment: {
    prepare: (folder) => {
      writeCorpus(folder, {});
      writeFileSync(
        join(folder, 'paper.yaml'),
        'seeds: [2]\nvariants:\n  v1: { config: config.yaml }\n  v2: { config: config.yaml, set: { model.scheme: BIO } }\n',
      );
    },
    command: () => ['train', 'paper.yaml'],
    again: () => scenarios.experiment.command(),
    tells: /^\S+ {2}failed: .*(no space left on the disk|the disk is full)/m, // of each run, and goes on with the next
  },
};

/** One command that makes something by itself: started again it makes it, or says that it is there. */
function making(prepare, args) {
  return {
    prepare,
    command: () => args,
    again: () => args,
    isDone: /is not empty: choose|is there already: choose/,
  };
}

const withRun = (folder, { trained }) => {
  writeCorpus(folder, {});
  cpSync(trained, join(folder, 'run'), { recursive: true });
};
const withMentions = (folder) => {
  writeCorpus(folder, {});
  writeFileSync(join(folder, 'mentions.txt'), 'enfermera\npintor\nmédico\n');
};
/** A run of two layers that holds most documents out, so that there are enough to tune by; trained once. */
const withHeldOut = once('held', (folder) => {
  writeCorpus(folder, { heldOut: true });
  program(folder, 'train', 'config.yaml', '--out', 'run');
});
const withShards = once('shards', (folder) => {
  writeCorpus(folder, {});
  writeTexts(folder);
  program(folder, 'train', 'config.yaml', '--out', 'run');
  for (const shard of ['1/2', '2/2'])
    program(folder, 'predict', 'run', '--input', 'notes', '--out', 'predictions', '--shard', shard, '--scores', '--engine', 'wasm'); // prettier-ignore
});

/** Makes what a command reads once, and copies it for each case. */
function once(name, make) {
  let made;
  return (folder) => {
    if (!made) {
      made = mkdtempSync(join(tmpdir(), `meddoprof-${name}-`));
      process.on('exit', () => rmSync(made, { recursive: true, force: true }));
      make(made);
    }
    cpSync(made, folder, { recursive: true });
  };
}

function program(folder, ...args) {
  execFileSync(process.execPath, [join(root, 'bin/meddoprof.js'), ...args], { cwd: folder, stdio: 'pipe' });
}

Object.assign(scenarios, {
  report: making(withRun, ['report', 'run']),
  pack: making(withRun, ['pack', 'run', '--out', 'packed', '--license', 'mit', '--mentions']),
  convert: making(withRun, ['convert', 'corpus', 'made', '--to', 'xmi', '--config', 'config.yaml']),
  records: making(withRun, ['convert', 'corpus', 'made.jsonl', '--to', 'prodigy', '--config', 'config.yaml']),
  normalize: making(withMentions, [
    'normalize',
    'config.yaml',
    '--mentions',
    'mentions.txt',
    '--out',
    'codes.tsv',
  ]),
  tune: making(withHeldOut, ['tune', 'run', '--calibrate', 'isotonic']),
  gate: making(withHeldOut, ['gate', 'run', '--layer', '1', '--loss', '.5']),
  merge: making(withShards, ['merge', 'predictions']),
  pretrain: making((folder) => writeCorpus(folder, { pretrained: true }), ['pretrain', 'config.yaml', '--out', 'encoder']), // prettier-ignore
});

/** Every file in a folder and the hash of what two runs share of it. */
export function resultOf(folder) {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const names = files.map((file) => relative(folder, file)).filter((name) => !name.includes('tensorboard/'));
  return new Map(names.sort().map((name) => [name, hashOf(join(folder, name))]));
}

function hashOf(file) {
  let content = readFileSync(file);
  if (/(run\.json|report\.html|\.log)$/.test(file)) return 'of its own';
  if (/fetched\.json$/.test(file)) content = content.toString().replace(/"date": "[^"]*"/, '');
  if (/metrics\.jsonl$/.test(file)) content = content.toString().replaceAll(/,"seconds":[\d.]+/g, '');
  if (/cache\/.*\.jsonl$/.test(file))
    content = content.toString().split('\n').filter(isWhole).sort().join('\n');
  return createHash('sha256').update(content).digest('hex').slice(0, 12);
}

/** Not the half line of a killed process, which is passed over. */
const isWhole = (line) => /^\{.*\}$/.test(line);

const isRun = (folder, name) => existsSync(join(folder, name, 'config.yaml'));

const sentences = [
  ['Trabaja de enfermera en el hospital.', 'PROFESION', 'SANITARIO', 11, 20, '2221.1'],
  ['Su padre es albañil y fuma.', 'PROFESION', 'FAMILIAR', 12, 19, '7112.1'],
  ['El paciente está jubilado desde mayo.', 'SITUACION_LABORAL', 'PACIENTE', 17, 25, '105493001'],
  ['Acude a la médica por tos.', 'PROFESION', 'SANITARIO', 11, 17, '2211.1'],
  ['Le gusta correr los domingos.', 'ACTIVIDAD', 'PACIENTE', 9, 15, '3412.1'],
  ['A su madre le gusta nadar mucho.', 'ACTIVIDAD', 'FAMILIAR', 20, 25, '3412.2'],
  ['Le gusta pescar los domingos.', 'ACTIVIDAD', 'PACIENTE', 9, 15, '3412.3'],
  ['Su hijo es médico en casa.', 'PROFESION', 'FAMILIAR', 11, 17, '2211.1'],
];

function writeCorpus(folder, { frozen = false, augmented = false, pretrained = false, heldOut = false }) {
  const rows = ['filename\ttext\tspan\tcode'];
  for (const task of ['task1', 'task2']) mkdirSync(join(folder, 'corpus', task), { recursive: true });
  for (let i = 0; i < (heldOut ? 32 : 16); i++) {
    const [text, ner, role, start, end, code] = sentences[i % sentences.length];
    for (const [task, label] of [
      ['task1', ner],
      ['task2', role],
    ]) {
      // prettier-ignore
      const file = join(folder, 'corpus', task, `d${i}`);
      writeFileSync(`${file}.txt`, text);
      writeFileSync(`${file}.ann`, `T1\t${label} ${start} ${end}\t${text.slice(start, end)}\n`);
    }
    rows.push([`d${i}`, text.slice(start, end), `${start} ${end}`, code].join('\t'));
  }
  writeFileSync(join(folder, 'corpus/norm.tsv'), `${rows.join('\n')}\n`);
  if (augmented || pretrained) cpSync(join(fixtures, 'tiny-bert'), join(folder, 'mlm'), { recursive: true });
  const config = { ...configOf({ frozen, augmented, heldOut }), ...(pretrained ? pretraining : {}) };
  writeFileSync(join(folder, 'config.yaml'), JSON.stringify(config));
}

/** Short, but both epochs are the best so far, and spans and codes are found. */
function configOf({ frozen, augmented, heldOut }) {
  const random = { hidden: 16, layers: heldOut ? 2 : 1, heads: 2, intermediate: 32, vocabularySize: 100 };
  return {
    seed: 2,
    tasks: {
      ner: { folder: 'task1', labels: ['PROFESION', 'SITUACION_LABORAL', 'ACTIVIDAD'] },
      class: { folder: 'task2', labels: ['PACIENTE', 'FAMILIAR', 'SANITARIO', 'OTROS'] },
    },
    data: { corpus: 'corpus', validationShare: heldOut ? 0.4 : 0.25 },
    encoder: { random },
    model: { lstmUnits: 8 },
    training: {
      batchSize: 2,
      warmupSteps: 2,
      logSteps: 1,
      checkpointSteps: 4,
      epochs: { count: heldOut ? 8 : 2, rate: 2e-2, ...(frozen ? { frozen: 'encoder' } : {}) },
    },
    decoding: { threshold: 0.02 },
    backend: { engine: 'wasm' },
    ...(augmented && {
      augmentation: {
        labels: ['ACTIVIDAD'],
        count: 2,
        substituteCount: 9,
        tries: 9,
        scoring: { weights: 'mlm', window: 1, cache: 'cache' },
      },
    }),
  };
}

const pretraining = {
  data: { corpus: 'corpus', validationShare: 0.25, windowPieces: 32, windowStride: 16 },
  encoder: { weights: 'mlm' },
  pretraining: { epochs: 2, heldOutShare: 0.25 },
};

function writeTexts(folder) {
  mkdirSync(join(folder, 'notes'), { recursive: true });
  for (let i = 0; i < 8; i++)
    writeFileSync(join(folder, 'notes', `n${i}.txt`), sentences[i % sentences.length][0].repeat(3));
}
