// Ours and PyTorch's in turn, each in a process of its own, and what the one takes of the other's time and memory.
//
//     MEDDOPROF_PYTHON=python node bench/compare.mjs --what train|overhead|predict|pipeline|likelihood [--rounds 5] [--steps 3]
//         [--weights FOLDER] [--layers 0,1,2,3,4,5] [--family NAME] [--input FOLDER] [--documents 100] [--batch 16] [--device cpu|gpu]
//         [--threads 2] [--stride 118] [--dropout 0.1] [--method pseudo] [--window 3] [--candidates 120] [--json]
import { spawn } from 'node:child_process';
import { loadavg } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { formatTable } from 'meddoprof/internal';
import {
  likelihoodOptions,
  maskedLmOptions,
  modelOptions,
  predictOptions,
  strideOption,
  trainOptions,
} from './options.mjs';
import { median, rounded } from './process.mjs';

const { values } = parseArgs({
  options: {
    what: { type: 'string', default: 'train' },
    rounds: { type: 'string', default: '5' },
    ...modelOptions,
    ...predictOptions,
    ...strideOption,
    ...trainOptions,
    ...likelihoodOptions,
    ...maskedLmOptions,
    weights: { type: 'string' }, // whose default depends on --what
    json: { type: 'boolean' },
  },
});
const joint = { file: 'model.mjs', options: modelOptions };
const maskedLm = { file: 'masked-lm.mjs', options: maskedLmOptions };
const steps = {
  model: joint,
  ours: 'train-step.mjs',
  theirs: 'pytorch/train_step.py',
  options: trainOptions,
};
// A model that computes next to nothing, in a batch of which that is true and in one that has something to do.
const tiny = { family: 'tiny', model: 'runs/bench/tiny', rows: '1000', steps: '40' };
const overhead = [
  { batch: '4', seq: '32' },
  { batch: '16', seq: '128' },
];
const sides = {
  train: steps,
  overhead: steps,
  predict: { model: joint, ours: 'predict.mjs', theirs: 'pytorch/predict.py', options: predictOptions },
  pipeline: { model: joint, ours: 'predict.mjs', theirs: 'pytorch/pipeline.py', options: predictOptions },
  likelihood: {
    model: maskedLm,
    ours: 'likelihood.mjs',
    theirs: 'pytorch/likelihood.py',
    options: likelihoodOptions,
  },
}[values.what];
const predicts = values.what === 'predict' || values.what === 'pipeline';
if (!sides) throw new Error('--what is train, overhead, predict, pipeline or likelihood');
if (values.stride && values.what !== 'pipeline')
  throw new Error('--stride is for pipeline: else both sides read the same windows');
if (predicts && !values.input) throw new Error('--input is needed: a folder of .txt files');

const python = process.env.MEDDOPROF_PYTHON ?? 'python3';
const say = (line) => process.stderr.write(`${line}\n`);
if (values.what === 'overhead') Object.assign(values, tiny);
await run(process.execPath, [sides.model.file, ...optionsFor(sides.model.options)]);
if (loadavg()[0] > 0.5)
  say(`Other work is on this machine (load ${loadavg()[0].toFixed(1)}): timings mean little`);

let rounds = [];
for (const shape of values.what === 'overhead' ? overhead : [{}]) {
  Object.assign(values, shape);
  rounds = await alternated();
  const result = summary();
  process.stdout.write(values.json ? `${JSON.stringify(result, null, 2)}\n` : describe(result));
}

/** Rounds of both sides. */
async function alternated() {
  const options = optionsFor(sides.options);
  const own = [...options, ...optionsFor(strideOption), '--json'];
  const done = [];
  for (let round = 1; round <= Number(values.rounds); round++) {
    const ours = JSON.parse(await run(process.execPath, [sides.ours, ...own]));
    const theirs = JSON.parse(await run(python, [sides.theirs, ...options]));
    requireSame(ours, theirs);
    done.push({ ours, theirs });
    say(`round ${round}: ${secondsOf(ours)} s, PyTorch ${secondsOf(theirs)} s`);
  }
  return done;
}

function summary() {
  const trains = values.what === 'train' || values.what === 'overhead';
  return {
    what: values.what,
    seconds: compared(secondsOf),
    ...(trains && { cpuSeconds: compared((one) => one.medianCpu) }),
    ...(predicts && { documentsPerSecond: compared((one) => one.documentsPerSecond) }),
    ...(values.what === 'likelihood' && {
      candidatesPerSecond: compared((one) => one.candidatesPerSecond),
      scoreDifference: Math.max(...rounds.map(({ ours, theirs }) => furthest(ours.scores, theirs.scores))),
    }),
    peakMiB: compared((one) => one.peakMiB),
    ...('steadyMiB' in rounds[0].ours && { steadyMiB: compared((one) => one.steadyMiB) }),
    ...(trains && { opsPerStep: rounds[0].ours.opsPerStep }),
    ...(trains &&
      Number(values.dropout) === 0 && { lossDifference: Math.max(...rounds.map(lossDifference)) }),
    rounds,
  };
}

/** Runs a program of this folder and returns its last line. */
function run(command, [file, ...args]) {
  const path = fileURLToPath(new URL(file, import.meta.url));
  const env = { ...process.env, OMP_NUM_THREADS: values.threads };
  const child = spawn(command, [path, ...args], { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let [out, errors] = ['', ''];
  child.stdout.on('data', (text) => (out += text));
  child.stderr.on('data', (text) => (errors += text));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (status) =>
      status === 0
        ? resolve(out.trim().split('\n').at(-1))
        : reject(new Error(`${command} ${file}: ${errors}`)),
    );
  });
}

function optionsFor(known) {
  return Object.keys(known).flatMap((name) =>
    values[name] === undefined || values[name] === '' ? [] : [`--${name}`, values[name]],
  );
}

/** A step's seconds, or those of all documents. */
function secondsOf(one) {
  return one.median ?? one.seconds;
}

/** Medians of both sides, and the ratio of each round: its median, least and most. */
function compared(figure) {
  const ratios = rounds.map(({ ours, theirs }) => figure(ours) / figure(theirs));
  return {
    ours: rounded(median(rounds.map(({ ours }) => figure(ours)))),
    theirs: rounded(median(rounds.map(({ theirs }) => figure(theirs)))),
    ratio: { median: median(ratios), least: Math.min(...ratios), most: Math.max(...ratios) },
  };
}

function requireSame(ours, theirs) {
  const same = [
    'threads',
    'precision',
    'device',
    'batch',
    'seq',
    'rows',
    'layers',
    'parameters',
    'documents',
    ...(values.what === 'pipeline' ? [] : ['windows', 'pieces']), // the pipeline cuts texts in its own way
    'candidates',
    'scored',
    'method',
    'window',
    'batchPieces',
  ];
  for (const name of same)
    if (ours[name] !== theirs[name])
      throw new Error(
        `Both sides must do the same: ${name} is ${ours[name]} here and ${theirs[name]} in PyTorch`,
      );
}

function lossDifference({ ours, theirs }) {
  return furthest(ours.losses, theirs.losses);
}

function furthest(values, others) {
  return Math.max(...values.map((value, i) => Math.abs(value - others[i])));
}

function describe({
  seconds,
  cpuSeconds,
  peakMiB,
  steadyMiB,
  opsPerStep,
  lossDifference,
  scoreDifference,
  what,
  ...speed
}) {
  const [{ ours, theirs }] = rounds;
  const { documentsPerSecond, candidatesPerSecond } = speed;
  const step = `batch ${ours.batch} x ${ours.seq}`;
  const shape = {
    train: step,
    overhead: step,
    predict: `${ours.windows} windows, batch ${ours.batch}`,
    pipeline: `${ours.documents} documents, batch ${ours.batch}${values.stride && `, ours every ${values.stride} pieces`}`,
    likelihood: `${ours.method}, window ${ours.window}, ${ours.scored} pieces scored of ${ours.candidates} candidates`,
  }[what];
  const row = (name, { ours, theirs, ratio }) => {
    const [middle, least, most] = [ratio.median, ratio.least, ratio.most].map((value) => value.toFixed(2));
    return [name, ours, theirs, middle, `${least}–${most}`];
  };
  return [
    `${what}: ${shape}, ${ours.layers} layers, ${ours.precision}, ${ours.device === 'gpu' ? 'GPU' : `${ours.threads} threads`}, rounds: ${rounds.length}; ${ours.engine}, ${theirs.engine}`,
    formatTable(
      ['median of the rounds', 'ours', 'PyTorch', 'ratio', 'least–most'],
      [
        row(cpuSeconds ? 'seconds per step' : 'seconds', seconds),
        ...(cpuSeconds ? [row('processor seconds per step', cpuSeconds)] : []),
        ...(documentsPerSecond ? [row('documents per second', documentsPerSecond)] : []),
        ...(candidatesPerSecond ? [row('candidates per second', candidatesPerSecond)] : []),
        row('peak memory, MiB', peakMiB),
        ...(steadyMiB ? [row('memory at the end, MiB', steadyMiB)] : []),
      ],
    ),
    ...(opsPerStep ? [`${opsPerStep} ops per step (ours)`] : []),
    ...(lossDifference === undefined ? [] : [`losses differ by ${lossDifference.toExponential(1)} at most`]),
    ...(scoreDifference === undefined
      ? []
      : [`scores differ by ${scoreDifference.toExponential(1)} at most`]),
    '',
  ].join('\n');
}
