import * as tf from '@tensorflow/tfjs-core';
import { isProduct, timeOps, type OpTimes } from '../backend/timeOps.js';

export interface ProfiledOp extends OpTimes {
  name: string;
}

/** Where the time of a step goes; figures are of one step. */
export interface StepProfile {
  steps: number;
  /** As training runs it, until its loss is there: the median, the least and the most. */
  seconds: { median: number; least: number; most: number };
  /** Of these, JavaScript's, and those in which the engine computes or is waited for. */
  hostSeconds: number;
  deviceSeconds: number;
  /** Op by op, longest first: the calls, milliseconds, bytes and FLOPs of one step. */
  ops: ProfiledOp[];
  /** Share of matrix products in the milliseconds of all ops. */
  productShare: number;
  /** Of the ops that are counted: matrix products and LSTMs. */
  flops: number;
}

/**
 * Profiles a step that was run before at least once: `steps` times as training runs it, then as often op by op: in turn the
 * ops' JavaScript would push that of a compiled step out of the processor's caches.
 * `step` returns the loss.
 */
export async function profileSteps(
  step: (how: { opByOp: boolean }) => tf.Tensor,
  steps: number,
): Promise<StepProfile> {
  const seconds: number[] = [];
  const host: number[] = [];
  const byName = new Map<string, OpTimes>();
  for (let number = 0; number < steps; number++) {
    const start = performance.now();
    const { result, ops } = await timeOps(() => step({ opByOp: false }));
    const waiting = performance.now();
    await result.data();
    seconds.push((performance.now() - start) / 1000);
    result.dispose();
    const inOps = [...ops.values()].reduce((sum, one) => sum + one.milliseconds, 0);
    host.push((waiting - start - inOps) / 1000);
  }
  for (let number = 0; number < steps; number++) {
    const eager = await timeOps(() => step({ opByOp: true }));
    await eager.result.data();
    eager.result.dispose();
    for (const [name, one] of eager.ops) {
      const sum = byName.get(name) ?? { calls: 0, milliseconds: 0, bytes: 0, flops: 0 };
      for (const key of ['calls', 'milliseconds', 'bytes', 'flops'] as const) sum[key] += one[key] / steps;
      byName.set(name, sum);
    }
  }
  const ops = [...byName].map(([name, one]) => ({ name, ...one }));
  ops.sort((a, b) => b.milliseconds - a.milliseconds);
  const total = (of: (op: ProfiledOp) => number) => ops.reduce((sum, op) => sum + of(op), 0);
  const all = median(seconds);
  const hostSeconds = median(host); // of a step, whose own time may vary by more
  return {
    steps,
    seconds: { median: all, least: Math.min(...seconds), most: Math.max(...seconds) },
    hostSeconds,
    deviceSeconds: all - hostSeconds,
    ops,
    productShare: total(({ name, milliseconds }) => (isProduct(name) ? milliseconds : 0)) / total((op) => op.milliseconds), // prettier-ignore
    flops: total((op) => op.flops),
  };
}

function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1]! + sorted[sorted.length >> 1]!) / 2;
}
