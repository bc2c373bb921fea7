import { createRequire } from 'node:module';
import * as tf from '@tensorflow/tfjs-core';
import { isNative } from '../backend/native.js';
import type { TrainingEvent } from '../train/train.js';

interface SummaryWriter {
  scalar(name: string, value: number, step: number): void;
  flush(): void;
}

/** Writes scalars for TensorBoard; does nothing on engines without TensorFlow, which writes the files. */
export function tensorboardWriter(folder: string): (event: TrainingEvent) => void {
  if (!isNative()) return () => {};
  // The native engine is loaded: this only finds it again.
  const { node } = createRequire(import.meta.url)('@tensorflow/tfjs-node-gpu') as typeof tf & {
    node: { summaryFileWriter(folder: string): SummaryWriter };
  };
  const writer = node.summaryFileWriter(folder);
  return (event) => {
    const { step } = event.progress;
    for (const [name, value] of Object.entries(scalarsOf(event))) writer.scalar(name, value, step);
    if (event.kind === 'epoch') writer.flush();
  };
}

function scalarsOf(event: TrainingEvent): Record<string, number> {
  if (event.kind === 'step') {
    if (!event.log) return {};
    const { loss, gradientNorm, tokens } = event.log;
    const perHead = Object.entries(tokens).map(([head, { f1 }]) => [`training/${head}/token F1`, f1]);
    const rate = { 'training/rate': event.rate };
    return {
      'training/loss': loss,
      'training/gradient norm': gradientNorm,
      ...rate,
      ...Object.fromEntries(perHead),
    };
  }
  const scalars: Record<string, number> = { 'validation/F1': event.validation.f1 };
  for (const [task, scores] of Object.entries(event.validation.tasks)) {
    scalars[`validation/${task}/precision`] = scores.precision;
    scalars[`validation/${task}/recall`] = scores.recall;
    scalars[`validation/${task}/F1`] = scores.f1;
    for (const [label, { f1 }] of Object.entries(scores.perLabel))
      scalars[`validation/${task}/F1 ${label}`] = f1;
  }
  return scalars;
}
