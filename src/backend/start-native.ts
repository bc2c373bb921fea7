import { existsSync, readFileSync } from 'node:fs';
import { constants } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import util from 'node:util';
import * as tf from '@tensorflow/tfjs-core';
import { InputError } from '../errors.js';
import { addonFolder, builtFlavour } from './built.js';
import { cudnnFailure } from './cudnn.js';
import { driverAnswers, gpus, visibleGpus } from './gpus.js';
import type { Engine } from './started.js';
import { threadCount } from './threads.js';

/** Read by TensorFlow once, when the addon is loaded. What the user has set stays. */
const defaults = {
  TF_CPP_MIN_LOG_LEVEL: '2', // errors only
  TF_ENABLE_ONEDNN_OPTS: '1', // 10 to 40 % faster products, and still the same bits in every run
  TF_FORCE_GPU_ALLOW_GROWTH: 'true', // leave the rest of the card to others
};

/**
 * Loads TensorFlow itself (tfjs-node-gpu as built by scripts/setup.mjs).
 * @throws InputError where it is not built, does not load, or finds no GPU though one was asked for.
 */
export async function startNative(device: 'auto' | 'gpu' | 'cpu'): Promise<Engine> {
  await loadAddon(device);
  await tf.setBackend('tensorflow');
  const { binding } = tf.backend() as unknown as {
    binding: { isUsingGpuDevice(): boolean; TF_Version: string };
  };
  const onGpu = binding.isUsingGpuDevice();
  if (device === 'gpu' && !onGpu) throw new InputError(`Device 'gpu' was asked for, but ${whyNoGpu()}`);
  if (device === 'cpu' && onGpu)
    throw new InputError(
      "Device 'cpu' was asked for after TensorFlow had started on the GPU in this process.",
    );
  const hardware = onGpu ? (visibleGpus()[0]?.name ?? 'a GPU') : `CPU, ${threadCount()} threads`;
  return {
    name: 'native',
    device: onGpu ? 'gpu' : 'cpu',
    description: `TensorFlow ${binding.TF_Version} on ${hardware}`,
    notice: noticeOf(device, onGpu),
  };
}

function noticeOf(device: 'auto' | 'gpu' | 'cpu', onGpu: boolean): string | undefined {
  if (!onGpu) return device === 'auto' && gpuExpected() ? `Computing on the CPU: ${whyNoGpu()}` : undefined;
  const failure = cudnnFailure();
  return (
    failure && `cuDNN's LSTM does not work on this card (${failure}): it goes step by step, which is slower.`
  );
}

async function loadAddon(device: 'auto' | 'gpu' | 'cpu'): Promise<void> {
  for (const [name, value] of Object.entries(defaults)) process.env[name] ??= value;
  if (device === 'cpu') process.env.CUDA_VISIBLE_DEVICES = '';
  // Two functions that tfjs-node calls: Node 23 removed one, and since Node 22 the other prints a warning.
  const legacy = util as { isNullOrUndefined?: (value: unknown) => boolean; isArray?: unknown };
  legacy.isNullOrUndefined ??= (value) => value === null || value === undefined;
  legacy.isArray = Array.isArray;
  if (!builtFlavour()) throw new InputError(notBuilt());
  const host = hostAddon();
  const quiet = Number(process.env.TF_CPP_MIN_LOG_LEVEL) >= 2;
  host.keepMemory();
  host.keepSignalsAway();
  try {
    if (quiet) host.mute(); // what TensorFlow says while it is loaded heeds no log level
    await import('@tensorflow/tfjs-node-gpu');
    host.addKernels();
  } catch (error) {
    const [line] = String((error as Error).message).split('\n');
    throw new InputError(
      `The native engine does not load (${line}): build it again with npx meddoprof setup.`,
    );
  } finally {
    host.unmute();
  }
}

interface HostAddon {
  mute(): void;
  unmute(): void;
  keepMemory(): void;
  keepSignalsAway(): void;
  addFunction(name: string, graph: Uint8Array, inputs: string, outputs: string): void;
  removeFunction(name: string): void;
  addKernels(): void;
}

/** Made by scripts/setup.mjs beside the engine, of scripts/setup/host/. */
export function hostAddon(): HostAddon {
  const loaded = { exports: {} as HostAddon };
  const { RTLD_NOW, RTLD_GLOBAL } = constants.dlopen;
  try {
    // Global, so that tfjs-node's addon, loaded after it, makes TensorFlow's context through it.
    process.dlopen(loaded, path.join(addonFolder(), 'host.node'), RTLD_NOW | RTLD_GLOBAL);
    return loaded.exports;
  } catch {
    throw new InputError(
      'The native engine is from another version: build it again with npx meddoprof setup.',
    );
  }
}

function notBuilt(): string {
  const failure = fileURLToPath(new URL('../../.native/failure.json', import.meta.url));
  const advice = 'The native engine is not built: run npx meddoprof setup.';
  if (!existsSync(failure)) return advice;
  try {
    return `${advice} Its last try failed: ${JSON.parse(readFileSync(failure, 'utf8')).reason}`;
  } catch {
    return advice;
  }
}

/** True where someone would wonder why a GPU is not used: its driver is loaded, or setup built for CUDA. */
const gpuExpected = () => builtFlavour() === 'cuda' || driverAnswers();

function whyNoGpu(): string {
  const visible = process.env.CUDA_VISIBLE_DEVICES;
  if (visible === '' || visible === '-1')
    return `CUDA_VISIBLE_DEVICES is '${visible}', which hides every GPU: unset it.`;
  const names = gpus().map(({ name }) => name);
  if (names.length === 0)
    return 'no NVIDIA driver answers here (nvidia-smi fails): install one, or set device to cpu.';
  if (builtFlavour() === 'cpu')
    return `the native engine is built on TensorFlow for CPUs: run npx meddoprof setup --cuda.`;
  return `TensorFlow sees no device though nvidia-smi lists ${names.join(', ')}: set TF_CPP_MIN_LOG_LEVEL=0 to see what it says (often the driver is too old for CUDA 12, or LD_LIBRARY_PATH leads to another libcuda.so.1 than its own).`;
}
