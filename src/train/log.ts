import * as tf from '@tensorflow/tfjs-core';
import { take } from '../backend/take.js';
import type { Ratios } from '../eval/scores.js';
import { tokenScores } from '../eval/tokens.js';
import { tidy } from '../ops/tidy.js';
import type { Logged, Unlogged } from './events.js';
import { LostNumbers, type StepPlace } from './lostNumbers.js';
import type { StepResult } from './step.js';

/**
 * Sums what steps report on the device, and reads it only when asked: a read in every step stalls a GPU. Loss and
 * gradient norm of every step are kept until then, to find the first one that is no number.
 */
export class StepLog {
  private steps = 0;
  private sums: tf.Tensor[] | undefined;
  private readonly single: { place: StepPlace; values: tf.Tensor[] }[] = [];

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
  add({ loss, gradientNorm, counts }: StepResult, place: StepPlace): void {
    const added = [loss, gradientNorm, ...counts];
    this.single.push({ place, values: [tf.clone(loss), tf.clone(gradientNorm)] });
    const before = this.sums;
    this.sums = before ? tidy(() => added.map((tensor, i) => tf.add(tensor, before[i]!))) : added;
    if (before) tf.dispose([...added, ...before]);
    this.steps += 1;
  }

  /**
   * Means over the steps since the last read: loss, gradient norm; ratios per output of what its head counts.
   * @throws LostNumbers, naming the step, where a loss or gradient is none
   */
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

  /** What the next read will begin with; undefined right after a read. @throws LostNumbers as `read` does */
  async unlogged(): Promise<Unlogged | undefined> {
    if (!this.sums) return undefined;
    return { steps: this.steps, sums: (await this.values()).map((sum) => [...sum]) };
  }

  private async values(): Promise<Float32Array[]> {
    const values = await Promise.all(this.sums!.map((sum) => take(tf.clone(sum))));
    if (![values[0]![0], values[1]![0]].every(Number.isFinite)) await this.tellLost();
    return values;
  }

  /** Every step on its own, read where their sum is no number. */
  private async tellLost(): Promise<never> {
    for (const { place, values } of this.single) {
      const [loss, norm] = await Promise.all(values.map(async (value) => (await take(tf.clone(value)))[0]!));
      if (!Number.isFinite(loss)) throw new LostNumbers(place, `the loss is ${loss}`);
      if (!Number.isFinite(norm)) throw new LostNumbers(place, `the loss is ${loss}, its gradient ${norm}`);
    }
    throw new LostNumbers(this.single.at(-1)!.place, 'the sum of the losses is past what a float32 holds');
  }

  dispose(): void {
    for (const { values } of this.single.splice(0)) tf.dispose(values);
    tf.dispose(this.sums);
    this.sums = undefined;
    this.steps = 0;
  }
}
