import { execFile } from 'node:child_process';
import { totalmem } from 'node:os';
import * as tf from '@tensorflow/tfjs-core';
import { InputError } from '../errors.js';
import { startEngine } from './engine.js';
import { visibleGpus } from './gpus.js';
import type { Engine, EngineName } from './started.js';
import { threadCount } from './threads.js';
import { take } from './take.js';
import { largestTensor, webgpuBackend } from './webgpu.js';

/** What one engine is and does on this machine. */
export interface Probe {
  engine: EngineName;
  works: boolean;
  /** Why it does not work. */
  reason?: string;
  device?: 'gpu' | 'cpu';
  found?: string;
  notice?: string;
  threads?: number;
  /** What its tensors can fill at most, in bytes; WebGPU does not tell. */
  memory?: number;
  /** What one tensor can fill at most, in bytes, where that is less. */
  largest?: number;
  /** A product of two square matrices of `size` rows in float32: the median of several, after a warm-up. */
  product?: { size: number; gigaflops: number };
}

const LONGEST = 300_000; // ms

/**
 * Probes an engine in a process of its own, so that its crash is a result. Compiled code only. What TensorFlow logs
 * is passed on where TF_CPP_MIN_LOG_LEVEL asks for it.
 */
export function probeInChild(engine: EngineName): Promise<Probe> {
  const program = `const { probeEngine } = await import(${JSON.stringify(import.meta.url)});
    process.stdout.write('\\n' + JSON.stringify(await probeEngine(${JSON.stringify(engine)})));`;
  const args = ['--input-type=module', '--eval', program];
  return new Promise((resolve) => {
    execFile(process.execPath, args, { timeout: LONGEST }, (error, stdout, stderr) => {
      if (process.env.TF_CPP_MIN_LOG_LEVEL !== undefined) process.stderr.write(stderr);
      const line = stdout.split('\n').at(-1)!;
      if (!error && line.startsWith('{')) resolve(JSON.parse(line) as Probe);
      else resolve({ engine, works: false, reason: reasonOf(error, stderr) });
    });
  });
}

function reasonOf(
  error: { signal?: NodeJS.Signals | null; killed?: boolean } | null,
  stderr: string,
): string {
  if (error?.killed) return `it gave no answer in ${LONGEST / 1000} s`;
  const last = stderr.trim().split('\n').at(-1)!;
  if (error?.signal) {
    const hint = error.signal === 'SIGILL' ? ' (this processor lacks instructions that it uses)' : '';
    return `its process crashed with ${error.signal}${hint}${last && `: ${last}`}`;
  }
  return last || 'its process ended without an answer';
}

/** Starts an engine in this process and measures it. Never throws for an engine that does not work. */
export async function probeEngine(name: EngineName): Promise<Probe> {
  let engine: Engine;
  try {
    engine = await startEngine({ engine: name, device: 'auto' });
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return { engine: name, works: false, reason: error.message };
  }
  const kind = kindOf(engine);
  const largest = name === 'webgpu' ? largestTensor(webgpuBackend()) : undefined;
  return {
    engine: name,
    works: true,
    device: engine.device,
    found: engine.description,
    notice: engine.notice,
    threads: threadsOf(kind),
    memory: largest === undefined ? memory(kind) : undefined,
    largest,
    product: await measureProduct(engine),
  };
}

/** Those that it computes on; of a card undefined. */
function threadsOf(kind: Kind): number | undefined {
  if (kind === 'gpu' || kind === 'webgpuCard') return undefined;
  return kind === 'wasm' || kind === 'cpu' ? 1 : threadCount();
}

/** The speed of matrix products on an engine that is started, in float32. */
export async function measureProduct(engine: Engine): Promise<{ size: number; gigaflops: number }> {
  const { size, repeats } = products[kindOf(engine)];
  return { size, gigaflops: await productSpeed(size, repeats) };
}

type Kind = EngineName | 'gpu' | 'webgpuCard';
const kindOf = ({ name, device }: Engine): Kind =>
  device !== 'gpu' ? name : name === 'webgpu' ? 'webgpuCard' : 'gpu';

/** Sizes that take each kind some tens of milliseconds. */
const products: Record<Kind, { size: number; repeats: number }> = {
  gpu: { size: 8192, repeats: 4 },
  webgpuCard: { size: 4096, repeats: 4 }, // a tensor of 64 MiB: some cards take no more than 128
  native: { size: 1536, repeats: 1 },
  webgpu: { size: 256, repeats: 1 }, // by a software adapter
  wasm: { size: 512, repeats: 1 },
  cpu: { size: 128, repeats: 1 },
};

async function productSpeed(size: number, repeats: number): Promise<number> {
  const [a, b] = [tf.randomNormal([size, size]), tf.randomNormal([size, size])];
  const seconds: number[] = [];
  for (let round = -2; round < 7; round++) {
    const start = process.hrtime.bigint();
    const corner = tf.tidy(() => {
      let product = tf.matMul(a, b);
      for (let i = 1; i < repeats; i++) product = tf.matMul(a, b);
      return tf.slice(product, [0, 0], [1, 1]);
    });
    await take(corner); // waits until it is computed
    if (round >= 0) seconds.push(Number(process.hrtime.bigint() - start) / 1e9);
  }
  tf.dispose([a, b]);
  const median = seconds.sort((x, y) => x - y)[3]!;
  return (repeats * 2 * size ** 3) / median / 1e9;
}

function memory(kind: Kind): number | undefined {
  if (kind === 'gpu') return visibleGpus()[0]?.memory;
  const host = Math.min(totalmem(), process.constrainedMemory() || Infinity);
  return kind === 'wasm' ? Math.min(host, 2 ** 32) : host; // its addresses have 32 bits
}
