/** A workspace with every file that the program reads, small: a corpus, runs, an encoder's folders, archives. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { makeDemoCorpus } from 'meddoprof';
import * as tar from 'tar';

const home = fileURLToPath(new URL('../../..', import.meta.url));
export const program = join(home, 'bin/meddoprof.js');
const fixture = (name) => join(home, 'test/fixtures', name);

export async function makeWorkspace(folder) {
  mkdirSync(folder, { recursive: true });
  const written = await makeDemoCorpus(folder, { seed: 3, documents: 16 });
  cpSync(written.codes ?? join(folder, 'codes.tsv'), join(folder, 'codes.tsv'), { force: true });
  const at = (...parts) => join(folder, ...parts);
  cpSync(at('corpus/norm.tsv'), at('predicted.tsv'));
  writeFileSync(at('tiny.yaml'), config);
  const { training, ...split } = JSON.parse(readFileSync(at('split.json'), 'utf8'));
  const held = 10 - split.validation.length; // fewer are not tuned on
  split.validation.push(...training.splice(-held));
  writeFileSync(at('split.json'), JSON.stringify({ training, ...split }));
  writeFileSync(at('experiment.yaml'), experiment);
  writeFileSync(at('mentions.txt'), 'enfermera\npintor de brocha gorda\njefe de obra\n');
  mkdirSync(at('notes'));
  for (const name of readdirSync(at('corpus/task1'))
    .filter((one) => one.endsWith('.txt'))
    .slice(0, 2))
    // prettier-ignore
    cpSync(at('corpus/task1', name), at('notes', name));
  const run = (...args) => execFileSync(process.execPath, [program, ...args], { cwd: folder, stdio: 'pipe' });
  run('train', 'tiny.yaml', '--out', 'runs/a', '--quiet');
  for (const [format, to] of Object.entries(others))
    run('convert', 'corpus', `formats/${to}`, '--to', format, '--quiet');
  rmSync(at('runs/a/tensorboard'), { recursive: true, force: true });
  for (const name of ['b', 'c']) cpSync(at('runs/a'), at('runs', name), { recursive: true });
  writeFileSync(at('runs/b/tuned.json'), `${JSON.stringify(tuned)}\n`);
  writeFileSync(at('runs/b/checkpoints/best/gate.json'), `${JSON.stringify(gate)}\n`);
  run('pack', 'runs/b', '--out', 'packed', '--license', 'cc0-1.0', '--tuned', '--quiet');
  cpSync(at('runs/a'), at('runs/cut'), { recursive: true });
  for (const name of ['evaluation.json', 'normalization.json', 'codings.json', 'predictions', 'normalizer'])
    rmSync(at('runs/cut', name), { recursive: true, force: true });
  for (const [name, from] of Object.entries({
    bert: 'tiny-bert',
    roberta: 'tiny-roberta',
  }))
    for (const file of readdirSync(fixture(from)).filter((one) => encoderFile.test(one)))
      cpSync(join(fixture(from), file), at('encoder', name, file), { recursive: true });
  cpSync(fixture('tokenizers/unigram'), at('unigram'), { recursive: true });
  makeAugmented(at);
  await makeArchives(at);
}

/** What `tune` writes; of so few documents it would write none. */
const tuned = {
  format: 1,
  objective: { kind: 'f1' },
  runs: ['a'],
  documents: 10,
  tasks: {},
  thresholds: { PROFESION: 0.04, PACIENTE: 0.05 },
  method: 'isotonic',
  calibration: {
    PROFESION: [
      [0.05, 0.2],
      [0.5, 0.9],
    ],
    PACIENTE: 1.5,
  },
  codeCalibration: 2,
  estimate: { parts: 10, level: 0.95, resamples: 2000, seed: 1 },
};

/** What `gate` writes; of so few documents that are right it would write none. */
const gate = {
  format: 1,
  layer: 1,
  inner: Array.from({ length: 32 }, (_, i) => Math.sin(i)),
  innerBias: [0.5, 0.5],
  outer: [1, -1],
  outerBias: 0,
  threshold: -0.5,
  loss: 0.005,
  documents: 10,
  estimate: { parts: 10, seed: 1, windows: 0.5, tasks: {} },
};

/** The corpus in every other format, and what it is called then. */
const others = {
  conll: 'conll',
  xmi: 'xmi',
  casjson: 'casjson',
  huggingface: 'huggingface.jsonl',
  prodigy: 'prodigy.jsonl',
  doccano: 'doccano.jsonl',
};

const encoderFile = /^(config|tokenizer|tokenizer_config|special_tokens_map|vocab|merges|model)\.(json|txt|safetensors)$/; // prettier-ignore

/** One new document, with the line that tells where it comes from. */
function makeAugmented(at) {
  const name = JSON.parse(readFileSync(at('split.json'), 'utf8')).training[0];
  const text = readFileSync(at('corpus/task1', `${name}.txt`), 'utf8');
  for (const task of ['task1', 'task2']) {
    mkdirSync(at('augmented', task), { recursive: true });
    for (const ending of ['txt', 'ann'])
      cpSync(at('corpus', task, `${name}.${ending}`), at('augmented', task, `${name}.augmented-1.${ending}`));
  }
  const range = { start: 0, end: 4, text: text.slice(0, 4) };
  const line = {
    name: `${name}.augmented-1`,
    label: 'ACTIVIDAD',
    sentence: text.slice(0, 80),
    kept: true,
    original: { document: name, ...range },
    substitute: { sources: [name], ...range },
    score: -1,
    originalScore: -2,
    change: 1,
    fit: 0,
    likeness: -1,
    suit: -1,
    rank: 1,
  };
  writeFileSync(at('augmented/augmented.jsonl'), `${JSON.stringify(line)}\n`);
}

async function makeArchives(at) {
  mkdirSync(at('archives'));
  const files = ['config.json', 'vocab.txt', 'model.safetensors'];
  await tar.create({ gzip: true, file: at('archives/tiny.tgz'), cwd: at('encoder/bert') }, files);
  const zip = `import sys, zipfile
z = zipfile.ZipFile(sys.argv[1], 'w', zipfile.ZIP_DEFLATED)
for name in sys.argv[3:]: z.write(sys.argv[2] + '/' + name, name)
z.close()`;
  try {
    execFileSync('python3', ['-c', zip, at('archives/tiny.zip'), at('encoder/bert'), ...files]);
  } catch {
    console.error('Without Python no zip is made.');
  }
}

const config = `tasks:
  ner: { folder: task1, labels: [PROFESION, SITUACION_LABORAL, ACTIVIDAD] }
  class: { folder: task2, labels: [PACIENTE, FAMILIAR, SANITARIO, OTROS] }
data: { corpus: corpus, codes: codes.tsv, split: split.json, windowPieces: 64, windowStride: 48 }
encoder:
  random: { hidden: 16, layers: 2, heads: 2, intermediate: 32, vocabularySize: 300 }
model: { lstmUnits: 8 }
training:
  batchSize: 8
  epochs: { count: 2, rate: 0.01 }
  warmupSteps: 5
  logSteps: 3
decoding: { threshold: 0.05 } # there are spans, however little it has learned
backend: { engine: cpu }
`;

const experiment = `split: 5
seeds: [1, 2]
baseline: small
variants:
  small: { config: tiny.yaml }
  large: { config: tiny.yaml, set: { model.lstmUnits: 9, encoder.random.hidden: 32 } }
published:
  - { name: theirs, task: ner, f1: 0.8 }
resources: { cpus: 2, memory: 8G }
`;
