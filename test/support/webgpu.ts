import * as tf from '@tensorflow/tfjs-core';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { webgpuBackend } from '../../src/backend/webgpu.js';

/** Whether the webgpu engine can be tested here, on a software adapter or on what VK_ICD_FILENAMES names. */
export function webgpuIsThere(): boolean {
  const driver = process.env.VK_ICD_FILENAMES;
  try {
    createRequire(import.meta.url).resolve('webgpu');
  } catch {
    return false;
  }
  return driver !== undefined && existsSync(driver);
}

/**
 * Gives the webgpu backend what WebGPU lacks outside of browsers, reading without waiting, so that the same
 * tests run on every engine: Dawn gets its turns (see environment.js) until the values are there.
 */
export function readSynchronously(): void {
  const backend = webgpuBackend() as unknown as Inside;
  const asleep = new Int32Array(new SharedArrayBuffer(4));
  tf.env().set('WEBGPU_CPU_FORWARD', false); // small inputs go to its programs, too, not to JavaScript
  backend.readSync = (dataId) => {
    const { values, resource, dtype } = backend.tensorMap.get(dataId);
    if (values) return values;
    const { size } = resource;
    const usage = GPUBufferUsage.COPY_DST | GPUBufferUsage.MAP_READ;
    const staging = backend.device.createBuffer({ size, usage });
    backend.ensureCommandEncoderReady();
    backend.endComputePassEncoder();
    backend.commandEncoder.copyBufferToBuffer(resource, 0, staging, 0, size);
    backend.submitQueue();
    void staging.mapAsync(GPUMapMode.READ).catch(() => {});
    while (staging.mapState === 'pending') {
      Atomics.wait(asleep, 0, 0, 1); // ms: the software adapter needs the processor
      takeDawnTurns();
    }
    const bytes = staging.getMappedRange().slice(0);
    staging.destroy();
    return tf.util.convertBackendValuesAndArrayBuffer(bytes, dtype) as tf.TypedArray;
  };
}

declare const takeDawnTurns: () => void;

interface Inside {
  device: GPUDevice;
  commandEncoder: GPUCommandEncoder;
  tensorMap: { get(id: object): { values?: tf.TypedArray; resource: GPUBuffer; dtype: tf.NumericDataType } };
  ensureCommandEncoderReady(): void;
  endComputePassEncoder(): void;
  submitQueue(): void;
  readSync(id: object): tf.TypedArray;
}
