// Seconds, ops and memory of a training step, as the training loop does it: upload, forward, backward, clipping,
// AdamW, counts of right labels. Every window is full. bench/pytorch/train_step.py does the same.
//
//     node bench/train-step.mjs [--model FOLDER] [--batch 16] [--seq 128] [--steps 3] [--rows 15089]
//         [--dropout 0.1] [--device cpu|gpu] [--threads 2] [--profile] [--ops] [--json]
//
// --profile: where the time of a step goes, as `meddoprof train --profile` prints it. --ops: how often each op is in a step's graph.
import { parseArgs } from 'node:util';
import * as tf from '@tensorflow/tfjs-core';
import { loadConfig, shippedConfig } from 'meddoprof';
import {
  compilerHere,
  createParameters,
  heldRows,
  inPrecision,
  openCheckpoint,
  profileSteps,
  randomFrom,
  stepProfileTable,
  trainStep,
} from 'meddoprof/internal';
import { countOps } from './count-ops.mjs';
import { trainOptions } from './options.mjs';
import { median, peakMiB, rounded, startBench, steadyMiB, stopwatch } from './process.mjs';

const { values } = parseArgs({
  options: {
    ...trainOptions,
    json: { type: 'boolean' },
    profile: { type: 'boolean' },
    eager: { type: 'boolean' },
    ops: { type: 'boolean' },
  },
});
const [batch, seq, steps, rows] = [values.batch, values.seq, values.steps, values.rows].map(Number);
const dropout = Number(values.dropout);
const about = await startBench(values.threads, values.precision, values.device);
const { training } = (await loadConfig(shippedConfig('default.yaml'))).config;
const { model, weights } = await openCheckpoint(values.model);
const { encoder, head } = model;
const held = heldRows(Array(rows).keys(), encoder.vocabularySize);
const parameters = await createParameters(model, held, (name) => weights.read(name), randomFrom(0));
await weights.close();

const compiler = values.eager ? undefined : compilerHere({ notice: console.error });
const warmup = countOps(() => step(0));
const timed = Array.from({ length: steps }, (_, i) => step(i + 1));
const seconds = timed.map((one) => one.seconds);
const ops = compiler
  ? [...compiler.functions.values()][0]
  : new Map([...warmup.byName].map(([name, { calls }]) => [name, calls]));
if (values.ops)
  console.error(
    [...ops]
      .sort((a, b) => b[1] - a[1])
      .map(([name, count]) => `${count} ${name}`)
      .join('\n'),
  );
const result = {
  secondsPerStep: seconds,
  cpuSecondsPerStep: timed.map((one) => one.cpu),
  median: rounded(median(seconds)),
  medianCpu: rounded(median(timed.map((one) => one.cpu))),
  warmup: warmup.result.seconds,
  losses: [warmup.result, ...timed].map((one) => one.loss),
  opsPerStep: [...ops.values()].reduce((sum, count) => sum + count, 0),
  tensors: tf.memory().numTensors,
  parameters: [...parameters.slots.values()].reduce((sum, { weight }) => sum + sizeOf(weight.shape), 0),
  peakMiB: peakMiB(),
  steadyMiB: steadyMiB(),
  ...about,
  batch,
  seq,
  rows,
  layers: encoder.layers,
  dropout,
};
const always = fullBatch(0); // made before, as training makes it while another step computes
const profile =
  values.profile && (await profileSteps(({ opByOp }) => lossOf(always, steps + 1, opByOp), steps));
if (profile) result.profile = profile;
process.stdout.write(values.json ? `${JSON.stringify(result)}\n` : describe(result));

/** One step, until its loss is there. The first one warms up. */
function step(number) {
  const batch = fullBatch(number);
  const stop = stopwatch();
  const loss = lossOf(batch, number);
  const [value] = loss.dataSync();
  loss.dispose();
  return { ...stop(), loss: Number(value.toFixed(6)) };
}

function lossOf(full, number, opByOp = false) {
  return inPrecision(values.precision, () =>
    tf.tidy(
      () =>
        trainStep(parameters, full, {
          trainable: { embeddings: true, layers: Array(encoder.layers).fill(true) },
          dropout: { dropout, attentionDropout: dropout, trunk: dropout },
          optimizer: training,
          rate: 5e-5,
          seed: number,
          ...(compiler && !opByOp && { compiler }),
        }).loss,
    ),
  );
}

/** The same numbers as in train_step.py. */
function fullBatch(number) {
  const n = batch * seq;
  return {
    windows: [],
    batch,
    seq,
    ids: Int32Array.from({ length: n }, (_, i) => (i * 7919 + number * 104729) % rows),
    lengths: new Int32Array(batch).fill(seq),
    real: Uint8Array.from({ length: n }, (_, i) => Number(i % seq > 0 && i % seq < seq - 1)),
    targets: head.outputs.map(({ channels: { length } }) => ({
      values: Uint8Array.from({ length: n * length }, (_, i) => Number((i * 7 + number) % 19 === 0)),
      shape: [n, length],
    })),
  };
}

function describe({ secondsPerStep, opsPerStep, losses, profile, ...result }) {
  return [
    `batch ${batch} x ${seq}, ${result.layers} layers, ${result.precision}, ${result.threads} threads: ${result.engine}`,
    `seconds per step: ${secondsPerStep.join(', ')} (median ${result.median}; warm-up ${result.warmup})`,
    `ops per step: ${opsPerStep}`,
    `losses: ${losses.join(', ')}`,
    `memory: ${result.peakMiB} MiB at most, ${result.steadyMiB} MiB between steps`,
    ...(profile ? ['', stepProfileTable(profile)] : []),
    '',
  ].join('\n');
}

function sizeOf(shape) {
  return shape.reduce((product, side) => product * side, 1);
}
