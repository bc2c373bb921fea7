import { createRequire } from 'node:module';
import path from 'node:path';
import * as tf from '@tensorflow/tfjs-core';
import type { Engine } from './started.js';
import { registerCpuKernels, registerWasmKernels } from './portable-kernels.js';

/** WebAssembly with SIMD, one thread: what runs wherever Node runs. */
export async function startWasm(): Promise<Engine> {
  if (!('wasm' in tf.engine().registry)) await loadWasm();
  await tf.setBackend('wasm');
  return { name: 'wasm', device: 'cpu', description: 'WebAssembly with SIMD, 1 thread' };
}

async function loadWasm(): Promise<void> {
  await loadGradients();
  const { setWasmPaths } = await import('@tensorflow/tfjs-backend-wasm');
  const entry = createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm');
  setWasmPaths(path.dirname(entry) + path.sep);
  registerWasmKernels();
  const events = ['uncaughtException', 'unhandledRejection'];
  const before = events.flatMap((event) => process.rawListeners(event));
  await tf.setBackend('wasm');
  // The module's own handlers throw again what they catch, and so hide where it came from.
  for (const event of events)
    for (const listener of process.rawListeners(event))
      if (!before.includes(listener)) process.off(event, listener as () => void);
}

/** Plain JavaScript: the last resort, and what the others are tested against. */
export async function startCpu(): Promise<Engine> {
  await loadGradients();
  await import('@tensorflow/tfjs-backend-cpu');
  registerCpuKernels();
  await tf.setBackend('cpu');
  return { name: 'cpu', device: 'cpu', description: 'JavaScript, 1 thread' };
}

/** Gradients come with the umbrella package only; the core has none of its own. */
export async function loadGradients(): Promise<void> {
  tf.enableProdMode(); // no advice on the console
  await import('@tensorflow/tfjs');
}
