// What an epoch takes with the encoder trained, frozen, and frozen with its outputs read from the cache: some steps
// and the validation of some documents of a real config, and from them the time of a whole epoch.
//
//     node bench/frozen-epoch.mjs [--config experiments/mbert-lower6.yaml] [--windows positive|full] [--steps 12]
//         [--documents 16] [--cachePrecision float32] [--precision float32|bfloat16] [--threads 2] [--profile] [--json]
//
// The first step of each is not counted. --profile: where the time of a step from the cache goes.
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import * as tf from '@tensorflow/tfjs-core';
import { createContext, loadConfig } from 'meddoprof';
import {
  computeStep,
  epochBatches,
  formatTable,
  inPrecision,
  makeBatch,
  openSession,
  prepareData,
  profileSteps,
  stepProfileTable,
  trainEpochs,
} from 'meddoprof/internal';
import { median, peakMiB, rounded, startBench, stopwatch } from './process.mjs';

const text = (value) => ({ type: 'string', default: value });
const { values } = parseArgs({
  options: {
    config: text('experiments/mbert-lower6.yaml'),
    windows: text('positive'),
    steps: text('12'),
    documents: text('16'),
    cachePrecision: text('float32'),
    precision: text('float32'),
    threads: text('2'),
    profile: { type: 'boolean' },
    json: { type: 'boolean' },
  },
});
const [steps, documents] = [values.steps, values.documents].map(Number);
const about = await startBench(values.threads, values.precision);
const cacheFolder = await mkdtemp(join(tmpdir(), 'meddoprof-bench-'));
let profile;
try {
  const variants = {
    'encoder trained': await measure('[]', []),
    'encoder frozen, no cache': await measure('encoder', ['training.cacheFrozen=false']),
    'encoder frozen, from the cache': await measure('encoder', [
      `training.cachePrecision=${values.cachePrecision}`,
    ]),
  };
  const result = { ...about, peakMiB: peakMiB(), windows: values.windows, steps, documents, variants };
  process.stdout.write(values.json ? `${JSON.stringify(result)}\n` : describe(result));
} finally {
  await rm(cacheFolder, { recursive: true });
}

function measure(frozen, settings) {
  return inPrecision(values.precision, () => measured(frozen, settings));
}

async function measured(frozen, settings) {
  const set = [
    `training.schedule=[{windows: ${values.windows}, rate: 5e-5, frozen: ${frozen}}]`,
    ...settings,
    `backend.precision=${values.precision}`,
  ];
  const { config } = await loadConfig(values.config, { set });
  const data = await prepareData(config);
  const { seed, training } = config;
  const batches = epochBatches(data.windows, training.schedule[0], 0, {
    seed,
    batchSize: training.batchSize,
  });
  const all = data.validation.length;
  const some = {
    ...data,
    windows: batches.slice(0, steps + 1).flat(),
    validation: data.validation.slice(0, documents),
  };
  const stop = stopwatch();
  const session = await openSession(config, some, { cacheFolder }, createContext());
  const opening = stop();
  try {
    const timed = (await stepsOf(session)).slice(1);
    await session.predictValidation(); // warm-up
    const validating = stopwatch();
    await session.predictValidation();
    const validated = validating();
    const [step, cpu] = ['seconds', 'cpu'].map((unit) => median(timed.map((one) => one[unit])));
    const [validation, validationCpu] = [validated.seconds, validated.cpu].map((x) => (x * all) / documents);
    if (session.training.hidden && values.profile) profile = await profiled(session);
    return {
      secondsPerStep: rounded(step),
      cpuSecondsPerStep: rounded(cpu),
      stepsOfEpoch: batches.length,
      validation: rounded(validation),
      epoch: rounded(step * batches.length + validation),
      cpuOfEpoch: rounded(cpu * batches.length + validationCpu),
      ...(session.training.hidden && { secondsToFillTheCache: rounded(opening.seconds) }),
    };
  } finally {
    await session.close();
  }
}

/** The seconds of each step, of the clock and of all processors, until its loss is there. */
async function stepsOf({ training }) {
  const options = { ...training.options, logSteps: 1 };
  const seconds = [];
  let stop = stopwatch();
  for await (const event of trainEpochs({ ...training, options })) {
    if (event.kind !== 'step') break;
    seconds.push(stop());
    if (event.progress.stepOfEpoch === event.stepsOfEpoch) break;
    stop = stopwatch();
  }
  return seconds;
}

/** Where the time of a step from the cache goes, on the longest windows. */
async function profiled({ training }) {
  const { parameters, tokenizer, options, dropout, compiler } = training;
  const { head, encoder } = parameters.model;
  const longest = [...training.windows].sort((a, b) => b.end - b.start - (a.end - a.start));
  const windows = longest.slice(0, options.batchSize);
  const batch = makeBatch(windows, training.examples, tokenizer, {
    labeller: head,
    mostPieces: encoder.positions,
  });
  const trainable = { embeddings: false, layers: Array(encoder.layers).fill(false) };
  const settings = { trainable, dropout, optimizer: options, rate: 5e-5, seed: 1 };
  const step = ({ opByOp }) => {
    const how = opByOp ? settings : { ...settings, compiler };
    const { loss, gradientNorm, counts } = computeStep(training, [batch], how);
    tf.dispose([gradientNorm, ...counts]);
    return loss;
  };
  for (const opByOp of [false, true]) step({ opByOp }).dispose(); // warm-up
  return profileSteps(step, 3);
}

function describe({ variants, ...result }) {
  const { epoch: trained, cpuOfEpoch } = variants['encoder trained'];
  const rows = Object.entries(variants).map(([name, variant]) => [
    name,
    variant.secondsPerStep.toFixed(3),
    variant.stepsOfEpoch,
    variant.validation.toFixed(1),
    variant.epoch.toFixed(1),
    (trained / variant.epoch).toFixed(1),
    variant.cpuOfEpoch.toFixed(1),
    (cpuOfEpoch / variant.cpuOfEpoch).toFixed(1),
  ]);
  const columns = ['', 's a step', 'steps', 'validation s', 'epoch s', 'times faster', 'CPU s', 'times less'];
  return [
    `${result.windows} windows, ${result.precision}, cache ${values.cachePrecision}, ${result.threads} threads: ${result.engine}`,
    '',
    formatTable(columns, rows),
    ...(profile ? ['', stepProfileTable(profile)] : []),
    '',
  ].join('\n');
}
