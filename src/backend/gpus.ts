import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';

export interface Gpu {
  name: string;
  /** In bytes. */
  memory: number;
  /** What CUDA_VISIBLE_DEVICES names it by: the driver's own, or what stands there. */
  id: string;
}

/** The NVIDIA cards that the driver lists, in its order; none where nvidia-smi does not answer. */
export function gpus(): Gpu[] {
  try {
    const args = ['--query-gpu=name,memory.total,uuid', '--format=csv,noheader,nounits'];
    return execFileSync('nvidia-smi', args, {
      env: process.env,
      timeout: 30_000,
      stdio: ['ignore', 'pipe', 'ignore'],
    })
      .toString()
      .trim()
      .split('\n')
      .map((line) => line.split(', '))
      .map(([name, mebibytes, id]) => ({ name: name!, memory: Number(mebibytes) * 2 ** 20, id: id! }));
  } catch {
    return [];
  }
}

/**
 * The cards that CUDA_VISIBLE_DEVICES lets a program see, in its order: numbers, or beginnings of the driver's own names,
 * up to the first that is none; all where it is not set.
 */
export function visibleGpus(chosen = process.env.CUDA_VISIBLE_DEVICES): Gpu[] {
  const all = gpus();
  if (chosen === undefined) return all;
  const gpuOf = (id: string) => {
    if (/^\d+$/.test(id)) return all[Number(id)];
    if (id.startsWith('MIG-')) return all[0]; // a part of a card, which is not listed by the card's name
    return id === '' ? undefined : all.find((gpu) => gpu.id.startsWith(id));
  };
  const seen: Gpu[] = [];
  for (const id of chosen.split(',').map((one) => one.trim())) {
    const gpu = gpuOf(id);
    if (!gpu) break;
    seen.push({ ...gpu, id });
  }
  return seen;
}

/** True where a driver is loaded. Runs no program. */
export const driverAnswers = (): boolean => existsSync('/dev/nvidiactl');

/** True where NVIDIA's multi-process service runs: programs then compute on a card side by side, else they take turns. */
export function cardsAreShared(): boolean {
  const folder = process.env.CUDA_MPS_PIPE_DIRECTORY ?? '/tmp/nvidia-mps';
  return existsSync(path.join(folder, 'nvidia-cuda-mps-control.pid')); // it goes with the service, the socket does not
}
