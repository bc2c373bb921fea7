import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';

export interface Gpu {
  name: string;
  /** In bytes. */
  memory: number;
}

/** The NVIDIA cards that the driver lists, in its order; none where nvidia-smi does not answer. */
export function gpus(): Gpu[] {
  try {
    const args = ['--query-gpu=name,memory.total', '--format=csv,noheader,nounits'];
    return execFileSync('nvidia-smi', args, {
      env: process.env,
      timeout: 30_000,
      stdio: ['ignore', 'pipe', 'ignore'],
    })
      .toString()
      .trim()
      .split('\n')
      .map((line) => line.split(', '))
      .map(([name, mebibytes]) => ({ name: name!, memory: Number(mebibytes) * 2 ** 20 }));
  } catch {
    return [];
  }
}

/** The card that TensorFlow computes on: the first that CUDA_VISIBLE_DEVICES lets it see. */
export function visibleGpu(): Gpu | undefined {
  const all = gpus();
  const first = process.env.CUDA_VISIBLE_DEVICES?.split(',')[0];
  return all[Number(first || 0)] ?? all[0];
}

/** True where a driver is loaded. Runs no program. */
export const driverAnswers = (): boolean => existsSync('/dev/nvidiactl');
