import { OutOfMemory } from './failure.js';
import { largestTensor, type WebgpuBackend } from './webgpu.js';

/** Free buffers are kept up to this many bytes, or as many as are in use. */
const KEPT = 256 * 2 ** 20;

interface Buffers {
  acquireBuffer(size: number, ...rest: unknown[]): GPUBuffer;
  numBytesUsed: number;
  numBytesAllocated: number;
  numFreeBuffers: number;
  freeBuffers: Map<string, GPUBuffer[]>;
}

/**
 * Keeps the backend's memory within bounds. It keeps every buffer that it ever made for a tensor of the same
 * size; batches come in many sizes. And a tensor larger than the device takes is an error when it is made.
 */
export function boundMemory(backend: WebgpuBackend): void {
  const buffers = backend.bufferManager as unknown as Buffers;
  const acquire = buffers.acquireBuffer.bind(buffers);
  const largest = largestTensor(backend);
  buffers.acquireBuffer = (size, ...rest) => {
    if (size > largest)
      throw new OutOfMemory(
        `The GPU takes tensors of up to ${mebibytes(largest)} MiB (${backend.adapter.name}), and one needs ${mebibytes(size)} MiB`,
      );
    const free = buffers.numBytesAllocated - buffers.numBytesUsed;
    if (free > Math.max(KEPT, buffers.numBytesUsed)) releaseFree(buffers);
    return acquire(size, ...rest);
  };
}

/** Commands that use them have been submitted: the device waits for those. */
function releaseFree(buffers: Buffers): void {
  for (const list of buffers.freeBuffers.values()) {
    for (const buffer of list) buffer.destroy();
    list.length = 0;
  }
  buffers.numFreeBuffers = 0;
  buffers.numBytesAllocated = buffers.numBytesUsed;
}

const mebibytes = (bytes: number) => Math.ceil(bytes / 2 ** 20);
