import { afterEach, beforeEach, describe, expect, jest, test } from '@jest/globals';
import * as fs from 'node:fs';
import { existsSync } from 'node:fs';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import { builtFlavour } from '../../src/backend/built.js';
import { startEngine } from '../../src/backend/engine.js';
import { cardsAreShared, gpus, visibleGpus } from '../../src/backend/gpus.js';
import { InputError } from '../../src/errors.js';
import { withNvidiaSmi } from '../support/nvidiaSmi.js';
import { temporaryFolders } from '../support/temporaryFolder.js';

const folder = temporaryFolders();
const describeBuilt = builtFlavour() ? describe : describe.skip;
const testWithoutGpu = existsSync('/dev/nvidiactl') ? test.skip : test;

describe('starting an engine', () => {
  test.each(['wasm', 'cpu'] as const)('%s makes it the current backend', async (engine) => {
    expect(await startEngine({ engine, device: 'auto' })).toMatchObject({
      name: engine,
      device: 'cpu',
    });
    expect(tf.getBackend()).toBe(engine);
  });

  test.each(['wasm', 'cpu'] as const)('%s refuses a GPU', async (engine) => {
    await expect(startEngine({ engine, device: 'gpu' })).rejects.toThrow(
      /'gpu' needs the native engine or webgpu/,
    );
  });

  test('leaves the handling of uncaught errors to the program', async () => {
    await startEngine({ engine: 'wasm', device: 'auto' });
    const handlers = process.rawListeners('uncaughtException').map(String);
    expect(handlers.filter((handler) => handler.includes('ExitStatus'))).toEqual([]);
  });
});

describeBuilt('starting the native engine (needs npx meddoprof setup)', () => {
  const hidden = process.env.CUDA_VISIBLE_DEVICES;
  afterEach(() => {
    if (hidden === undefined) delete process.env.CUDA_VISIBLE_DEVICES;
    else process.env.CUDA_VISIBLE_DEVICES = hidden;
  });

  test('is what auto does', async () => {
    expect(await startEngine({ engine: 'auto', device: 'auto' })).toMatchObject({
      name: 'native',
      description: expect.stringMatching(/^TensorFlow 2\.\d+\.\d+ on /),
    });
    expect(tf.getBackend()).toBe('tensorflow');
  });

  testWithoutGpu.each(['auto', 'native'] as const)(
    'with a GPU where there is none, %s names the cause',
    async (engine) => {
      const start = startEngine({ engine, device: 'gpu' });
      await expect(start).rejects.toThrow(InputError);
      await expect(start).rejects.toThrow(/no NVIDIA driver answers/);
    },
  );

  testWithoutGpu('says that GPUs are hidden where they are', async () => {
    process.env.CUDA_VISIBLE_DEVICES = '-1';
    await expect(startEngine({ engine: 'native', device: 'gpu' })).rejects.toThrow(
      /CUDA_VISIBLE_DEVICES is '-1'.*unset it/,
    );
  });
});

describe('the NVIDIA cards', () => {
  const [a, b] = ['NVIDIA A, 24576, GPU-12ab', 'NVIDIA B, 81920, GPU-34cd'];

  test('are what nvidia-smi lists', () => {
    expect(withNvidiaSmi([a, b], gpus)).toEqual([
      { name: 'NVIDIA A', memory: 24 * 2 ** 30, id: 'GPU-12ab' },
      { name: 'NVIDIA B', memory: 80 * 2 ** 30, id: 'GPU-34cd' },
    ]);
  });

  test('are none where it is missing', () => {
    expect(withNvidiaSmi(undefined, gpus)).toEqual([]);
  });

  test.each([
    [undefined, ['NVIDIA A', 'NVIDIA B']],
    ['1', ['NVIDIA B']],
    ['1,0', ['NVIDIA B', 'NVIDIA A']],
    ['GPU-34', ['NVIDIA B']],
    ['0,7,1', ['NVIDIA A']],
    ['-1', []],
    ['', []],
    ['MIG-9', ['NVIDIA A']],
  ])('are seen as CUDA_VISIBLE_DEVICES says: %j', (chosen, names) => {
    const seen = withNvidiaSmi([a, b], () => visibleGpus(chosen));
    expect(seen.map(({ name }) => name)).toEqual(names);
    if (chosen && names.length === chosen.split(',').length)
      expect(seen.map(({ id }) => id)).toEqual(chosen.split(','));
  });

  test('are shared while the multi-process service has its number in the folder of its pipes', () => {
    const before = process.env.CUDA_MPS_PIPE_DIRECTORY;
    const pipes = (process.env.CUDA_MPS_PIPE_DIRECTORY = folder());
    try {
      fs.writeFileSync(path.join(pipes, 'control'), ''); // stays when the service has ended
      expect(cardsAreShared()).toBe(false);
      fs.writeFileSync(path.join(pipes, 'nvidia-cuda-mps-control.pid'), '7\n');
      expect(cardsAreShared()).toBe(true);
    } finally {
      if (before === undefined) delete process.env.CUDA_MPS_PIPE_DIRECTORY;
      else process.env.CUDA_MPS_PIPE_DIRECTORY = before;
    }
  });
});

describe('where the native engine is not built', () => {
  const reason = 'It needs make.';

  /** startEngine as it is where setup failed for `reason`. */
  async function startUnbuilt(): Promise<typeof startEngine> {
    jest.unstable_mockModule('node:fs', () => ({
      ...fs,
      existsSync: (file: string) => String(file).endsWith('failure.json') || existsSync(file),
      readFileSync: (file: string) => {
        if (String(file).endsWith('failure.json')) return JSON.stringify({ reason });
        throw new Error(`ENOENT: ${file}`);
      },
    }));
    return (await import('../../src/backend/engine.js')).startEngine;
  }

  beforeEach(async () => {
    await startEngine({ engine: 'cpu', device: 'auto' });
    jest.resetModules();
  });
  afterEach(() => void jest.unstable_unmockModule('node:fs'));

  test('native is an error that tells how to build it and why that failed', async () => {
    const start = await startUnbuilt();
    await expect(start({ engine: 'native', device: 'auto' })).rejects.toThrow(
      /not built: run npx meddoprof setup\. Its last try failed: It needs make\./,
    );
  });

  test('auto takes wasm and says so', async () => {
    const start = await startUnbuilt();
    expect(await start({ engine: 'auto', device: 'cpu' })).toMatchObject({
      name: 'wasm',
      notice: expect.stringMatching(/portable engine.*npx meddoprof setup/),
    });
  });

  test('auto with a GPU is an error', async () => {
    const start = await startUnbuilt();
    await expect(start({ engine: 'auto', device: 'gpu' })).rejects.toThrow(
      /not built: run npx meddoprof setup/,
    );
  });
});
