import { availableParallelism } from 'node:os';

/** Threads of a native operation: TF_NUM_INTRAOP_THREADS, which TensorFlow reads, or all there are. */
export function threadCount(): number {
  const set = Number(process.env.TF_NUM_INTRAOP_THREADS);
  return Number.isInteger(set) && set > 0 ? set : availableParallelism();
}
