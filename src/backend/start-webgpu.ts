import type { WebGPUBackend } from '@tensorflow/tfjs-backend-webgpu';
import * as tf from '@tensorflow/tfjs-core';
import { InputError } from '../errors.js';
import { driverAdvice, openGpu, type Gpu } from './dawn.js';
import type { Engine } from './started.js';
import { DeviceLost, OutOfMemory } from './failure.js';
import { loadGradients } from './start-portable.js';
import { registerWebgpuKernels } from './webgpu-kernels.js';
import { boundMemory } from './webgpu-memory.js';
import { webgpuBackend, type WebgpuBackend } from './webgpu.js';

/**
 * Opens the machine's GPU through WebGPU: Dawn, on Vulkan, Metal or Direct3D 12.
 * @throws InputError where Dawn, a driver or, with device 'gpu', a real GPU is not there, with the cause.
 */
export async function startWebgpu(device: 'auto' | 'gpu'): Promise<Engine> {
  const { name, isSoftware } = (await currentBackend()).adapter;
  if (isSoftware && device === 'gpu')
    throw new InputError(
      `Device 'gpu' was asked for, but WebGPU's only adapter is a program on the CPU, ${name}: ${driverAdvice()}`,
    );
  return {
    name: 'webgpu',
    device: isSoftware ? 'cpu' : 'gpu',
    description: `WebGPU on ${name}${isSoftware ? ', a software adapter' : ''}`,
    notice: isSoftware
      ? `WebGPU computes on the CPU by a software adapter, ${name}, which is there for tests and slower than the other engines: ${driverAdvice()}`
      : undefined,
  };
}

/** The backend of this process; made anew where the device of the last one has failed. */
async function currentBackend(): Promise<WebgpuBackend> {
  if ('webgpu' in tf.engine().registryFactory) {
    await tf.setBackend('webgpu');
    const backend = webgpuBackend();
    if (!backend.failure) return backend;
    tf.removeBackend('webgpu');
  }
  const gpu = await openGpu();
  const backend = await createBackend(gpu);
  watch(backend, gpu);
  boundMemory(backend);
  tf.registerBackend('webgpu', () => backend);
  registerWebgpuKernels();
  await tf.setBackend('webgpu');
  return backend;
}

async function createBackend({ api, device, info, adapter }: Gpu): Promise<WebgpuBackend> {
  await loadGradients();
  const { WebGPUBackend: Backend } = await import('@tensorflow/tfjs-backend-webgpu');
  // Where there is no navigator.gpu, the backend refuses to be made; it does not use it.
  const { navigator } = globalThis as { navigator?: object };
  Object.defineProperty(globalThis, 'navigator', { value: { gpu: api }, configurable: true });
  try {
    // Dawn ends with the last reference to `api`, whether or not its device is in use.
    return Object.assign(new Backend(device, info) as WebGPUBackend, { adapter, api });
  } finally {
    Object.defineProperty(globalThis, 'navigator', { value: navigator, configurable: true });
  }
}

/** Keeps the device's first error, which no call of the backend throws. */
function watch(backend: WebgpuBackend, { device }: Gpu): void {
  const { name } = backend.adapter;
  void device.lost.then(({ reason, message }) => {
    backend.failure ??= new DeviceLost(
      `The GPU was lost while it computed (${name}: ${message.trim() || reason}): its driver was reset, or the card removed; see the system's log`,
    );
  });
  device.addEventListener('uncapturederror', (event) => {
    const { error } = event as GPUUncapturedErrorEvent;
    const [line] = error.message.split('\n');
    backend.failure ??=
      error.constructor.name === 'GPUOutOfMemoryError'
        ? new OutOfMemory(`The GPU is out of memory (${name})`, { cause: error })
        : new Error(`WebGPU: ${line}`, { cause: error });
  });
}
