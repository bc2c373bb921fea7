import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { startEngine } from '../backend/engine.js';
import type { Engine } from '../backend/started.js';
import { inWay } from '../backend/precision.js';
import { measureProduct } from '../backend/probe.js';
import type { Config } from '../config/schema.js';
import { expandSchedule } from '../config/schedule.js';
import type { Context } from '../context.js';
import { chunksOf, makeBatch, type Batch } from '../data/batches.js';
import { UsageError } from '../errors.js';
import { averageShare } from '../train/averages.js';
import { profileSteps, type StepProfile } from '../train/profile.js';
import { epochBatches, stepBatch, trainableParts } from '../train/schedule.js';
import { computeStep, type Training } from '../train/train.js';
import { closePrepared, prepareData, type PreparedData } from './prepare.js';
import { openSession, type Session } from './session.js';

export interface RunProfile extends StepProfile {
  engine: string;
  precision: Config['backend']['precision'];
  /** Whether training runs a step as one call; ops are timed one by one in either case. */
  compiled: boolean;
  /** Windows of a step, how many of them at once, and the pieces that each is padded to. */
  shape: { windows: number; batch: number; seq: number };
  gigaflops: number;
  /** The machine's own matrix product in float32, as `doctor` measures it, and the step's share of its speed. */
  product: { size: number; gigaflops: number };
  share: number;
  /** The most memory that the process has had. */
  peakBytes: number;
}

/**
 * Profiles steps of a config's first epoch, of the shape that most of them have. Nothing is kept: no run folder,
 * no checkpoint, no cache.
 */
export async function profileRun(
  config: Config,
  { steps }: { steps: number },
  context: Context,
): Promise<RunProfile> {
  const data = await prepareData(config);
  const starting = startEngine(config.backend, context);
  const engine = await starting.catch(async (error: unknown) => {
    await closePrepared(data);
    throw error;
  });
  return inWay(config.backend, () => profile(config, data, engine, steps, context));
}

async function profile(
  config: Config,
  data: PreparedData,
  engine: Engine,
  count: number,
  context: Context,
): Promise<RunProfile> {
  const batches = usualStep(config, data);
  const cacheFolder = await mkdtemp(join(tmpdir(), 'meddoprof-profile-'));
  const windows = batches.flatMap((batch) => batch.windows); // of a frozen encoder, only theirs are computed
  let session: Session | undefined;
  try {
    session = await openSession(config, { ...data, windows, validation: [] }, { cacheFolder }, context);
    const { training } = session;
    const step = stepOf(training, config, batches);
    for (const opByOp of [true, false, false]) step({ opByOp }).dispose(); // warms up: it is traced, then compiled
    const profile = await profileSteps(step, count);
    const product = await measureProduct(engine);
    const gigaflops = profile.flops / profile.seconds.median / 1e9;
    return {
      engine: engine.description,
      precision: config.backend.precision,
      compiled: (training.compiler?.functions.size ?? 0) > 0,
      shape: { windows: windows.length, batch: batches[0]!.batch, seq: batches[0]!.seq },
      ...profile,
      gigaflops,
      product,
      share: gigaflops / product.gigaflops,
      peakBytes: process.resourceUsage().maxRSS * 1024,
    };
  } finally {
    await session?.close();
    await rm(cacheFolder, { recursive: true, force: true });
  }
}

/** The parts of a step of the shape that is the most frequent in the first epoch. */
function usualStep(
  { training, seed }: Config,
  { windows, training: examples, tokenizer, model }: PreparedData,
): Batch[] {
  const [epoch] = expandSchedule(training);
  const steps = epochBatches(windows, epoch!, 0, { seed, batchSize: stepBatch(training) });
  if (steps.length === 0) throw new UsageError('the first epoch has no windows: there is no step to profile');
  const shaped = steps.map((all) =>
    chunksOf(all, training.batchSize).map((some) =>
      makeBatch(some, examples, tokenizer, { labeller: model.head, mostPieces: model.encoder.positions }),
    ),
  );
  const shapeOf = (parts: Batch[]) => parts.map(({ batch, seq }) => `${batch} ${seq}`).join();
  const counts = new Map<string, number>();
  for (const parts of shaped) counts.set(shapeOf(parts), (counts.get(shapeOf(parts)) ?? 0) + 1);
  const most = Math.max(...counts.values());
  return shaped.find((parts) => counts.get(shapeOf(parts)) === most)!;
}

function stepOf(training: Training, config: Config, batches: Batch[]) {
  const [epoch] = training.schedule;
  const { compiler, dropout, parameters } = training;
  const { averageDecay } = config.training;
  return ({ opByOp }: { opByOp: boolean }): tf.Tensor => {
    const { loss, gradientNorm, counts } = computeStep(training, batches, {
      trainable: trainableParts(epoch!.frozen, parameters.model.encoder.layers),
      dropout,
      optimizer: config.training,
      rate: epoch!.rate,
      averageShare: averageDecay === null ? undefined : averageShare(0, averageDecay),
      seed: config.seed,
      compiler: opByOp ? undefined : compiler,
    });
    tf.dispose([gradientNorm, ...counts]);
    return loss;
  };
}
