import * as tf from '@tensorflow/tfjs-core';
import { take } from '../backend/take.js';
import { tokenScores } from '../eval/tokens.js';
import type { Ratios } from '../eval/scores.js';
import { tidy } from '../ops/tidy.js';
import type { StepResult } from './step.js';

/** What steps have reported since the last log, on the host: a checkpoint between two logs keeps it. */
export interface Unlogged {
  steps: number;
  /** Of loss and gradient norm one number each, then per output [3 * channels]. */
  sums: number[][];
}

/** Means over some steps. */
export interface Logged {
  steps: number;
  loss: number;
  gradientNorm: number;
  /** Token-wise, per output. */
  tokens: Record<string, Ratios>;
}

/** Sums what steps report on the device, and reads it only when asked: a read in every step stalls a GPU. */
export class StepLog {
  private steps = 0;
  private sums: tf.Tensor[] | undefined;

  constructor(
    private readonly outputs: string[],
    from?: Unlogged,
  ) {
    if (!from) return;
    this.steps = from.steps;
    this.sums = from.sums.map((sum, i) =>
      i < 2 ? tf.scalar(sum[0]!) : tf.tensor2d(sum, [3, sum.length / 3]),
    );
  }

  /** Takes over a step's tensors. */
  add({ loss, gradientNorm, counts }: StepResult): void {
    const added = [loss, gradientNorm, ...counts];
    const before = this.sums;
    this.sums = before ? tidy(() => added.map((tensor, i) => tf.add(tensor, before[i]!))) : added;
    if (before) tf.dispose([...added, ...before]);
    this.steps += 1;
  }

  /** Means over the steps since the last read: loss, gradient norm; ratios per output of what its head counts. */
  async read(): Promise<Logged> {
    const [loss, gradientNorm, ...counts] = await this.values();
    const tokens = this.outputs.map((output, index) => {
      const values = counts[index]!;
      const channels = values.length / 3;
      const [truePositives, falsePositives, falseNegatives] = [0, 1, 2].map((row) =>
        values.slice(row * channels, (row + 1) * channels),
      );
      const scores = tokenScores({
        truePositives: truePositives!,
        falsePositives: falsePositives!,
        falseNegatives: falseNegatives!,
      });
      return [output, scores.micro];
    });
    const { steps } = this;
    this.dispose();
    return {
      steps,
      loss: loss![0]! / steps,
      gradientNorm: gradientNorm![0]! / steps,
      tokens: Object.fromEntries(tokens) as Record<string, Ratios>,
    };
  }

  /** What the next read will begin with; undefined right after a read. */
  async unlogged(): Promise<Unlogged | undefined> {
    if (!this.sums) return undefined;
    return { steps: this.steps, sums: (await this.values()).map((sum) => [...sum]) };
  }

  private values(): Promise<Float32Array[]> {
    return Promise.all(this.sums!.map((sum) => take(tf.clone(sum))));
  }

  dispose(): void {
    tf.dispose(this.sums);
    this.sums = undefined;
    this.steps = 0;
  }
}
