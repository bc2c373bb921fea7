import { expect, test } from '@jest/globals';
import { createContext } from '../../src/context.js';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startEngine } from '../../src/backend/engine.js';
import type { EngineName } from '../../src/backend/started.js';
import { OutOfMemory } from '../../src/backend/failure.js';
import { webgpuBackend } from '../../src/backend/webgpu.js';
import type { Config } from '../../src/config/schema.js';
import { prepareData } from '../../src/run/prepare.js';
import { openSession, type Session } from '../../src/run/session.js';
import { runToEnd, runUntil } from '../support/runToEnd.js';
import { train } from '../../src/train/train.js';
import { describeEngines } from '../support/engines.js';
import { expectNoLeakedTensors } from '../support/leaks.js';
import { temporaryFolders } from '../support/temporaryFolder.js';
import { expectClose } from '../support/tensors.js';
import { tinyRun } from '../support/tinyRun.js';

const folder = temporaryFolders();
const patient = 600_000; // ms: a software adapter on a machine that has other things to do

/** A run of short windows, with dropout, weight decay and clipping as they are by default. */
function smallRun(training: object = {}, data: object = {}) {
  return tinyRun(
    folder(),
    {
      data: { windowPieces: 16, windowStride: 14, ...data },
      encoder: { random: { hidden: 16, layers: 1, heads: 2, intermediate: 32, vocabularySize: 200 } },
      training: { batchSize: 2, epochs: { count: 1 }, logSteps: 1, ...training },
      backend: { engine: 'webgpu' },
    },
    3,
  );
}

async function withSession<T>(config: Config, engine: EngineName, work: (session: Session) => Promise<T>) {
  await startEngine({ engine, device: 'auto' });
  const session = await openSession(
    config,
    await prepareData(config),
    { cacheFolder: folder() },
    createContext(),
  );
  try {
    return await work(session);
  } finally {
    await session.close();
  }
}

/** Losses and gradient norms of the first steps, then the probabilities of the validation documents. */
async function firstSteps(config: Config, engine: EngineName, steps: number) {
  return withSession(config, engine, async ({ training, predictValidation }) => {
    const losses: number[] = [];
    const norms: number[] = [];
    for await (const event of train(training)) {
      if (event.kind !== 'step') break;
      losses.push(event.log!.loss);
      norms.push(event.log!.gradientNorm);
      if (losses.length === steps) break;
    }
    const predictions = await predictValidation();
    return { losses, norms, probabilities: predictions.flatMap(({ scores }) => scores) };
  });
}

describeEngines(
  'training on WebGPU',
  () => {
    test(
      'takes the steps that the wasm engine takes, dropout included, and predicts what it predicts',
      async () => {
        const { config } = await smallRun();
        expect(config.encoder.dropout).toBeGreaterThan(0);
        const webgpu = await expectNoLeakedTensors(() => firstSteps(config, 'webgpu', 5));
        const wasm = await firstSteps(config, 'wasm', 5);
        expect(webgpu.losses).toHaveLength(5);
        expectClose(webgpu.losses, wasm.losses, 1e-5);
        expectClose(webgpu.norms, wasm.norms, 1e-4);
        expect(webgpu.probabilities.length).toBeGreaterThan(0);
        webgpu.probabilities.forEach((values, i) => expectClose(values, wasm.probabilities[i]!, 1e-4));
      },
      patient,
    );

    test(
      'reads nothing from the device but what a log needs',
      async () => {
        const { config } = await smallRun({ logSteps: 3 });
        const reads: number[] = []; // by step
        await withSession(config, 'webgpu', async ({ training }) => {
          const backend = webgpuBackend();
          const read = backend.read.bind(backend);
          let count = 0;
          backend.read = (id) => ((count += 1), read(id));
          for await (const event of train(training)) {
            if (reads.push(count) === 4 || event.kind !== 'step') break;
            count = 0;
          }
        });
        expect(reads).toEqual([0, 0, 2 + 2, 0]); // loss, norm, and the counts of two heads
      },
      patient,
    );

    test(
      'ends with an error where the device is lost, keeps the checkpoint, and goes on from it',
      async () => {
        const { config, out } = await smallRun({ checkpointSteps: 2 });
        const run = runToEnd(config, { folder: out, resume: false }, (event) => {
          if (event.kind === 'step' && event.progress.step === 3) webgpuBackend().device.destroy();
        });
        await expect(run).rejects.toThrow(
          /^The GPU was lost while it computed \(.+\): .*; the last checkpoint is kept, go on with meddoprof train --resume .+run$/,
        );
        const state = JSON.parse(readFileSync(join(out, 'checkpoints/last/state.json'), 'utf8'));
        expect(state.progress.step).toBe(2);
        expect(existsSync(join(out, 'checkpoints/last.new'))).toBe(false);
        expect(await runUntil(config, { folder: out, resume: true }, 3)).toBe(3);
      },
      patient,
    );

    test(
      'names the batch size that fits where memory does not hold the batch',
      async () => {
        const { config } = await smallRun({ batchSize: 6 }, { windowPieces: 32, windowStride: 30 });
        const work = withSession(config, 'webgpu', async ({ training }) => {
          const buffers = webgpuBackend().bufferManager as unknown as {
            acquireBuffer(size: number, ...rest: unknown[]): unknown;
          };
          const acquire = buffers.acquireBuffer.bind(buffers);
          const largest = 4 * 4 * 2 * 32 * 32; // the attention weights of four windows, [4, 2, 32, 32]
          buffers.acquireBuffer = (size, ...rest) => {
            if (size > largest) throw new OutOfMemory('The GPU is out of memory (a test)');
            return acquire(size, ...rest);
          };
          try {
            for await (const event of train(training)) if (event.kind === 'epoch') break;
          } finally {
            buffers.acquireBuffer = acquire;
          }
        });
        await expect(work).rejects.toThrow(
          /^The GPU is out of memory \(a test\); 6 windows at once are too many, 3 fit: set training\.batchSize/,
        );
      },
      patient,
    );
  },
  ['webgpu'],
);
