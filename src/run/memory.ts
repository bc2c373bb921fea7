import { totalmem } from 'node:os';
import type { Config } from '../config/schema.js';
import { UsageError } from '../errors.js';
import type { Model } from '../model/model.js';
import { sizeOf } from '../model/weights/weightFile.js';

/** Bytes of a number. */
const BYTES = 4;

/**
 * Holds what a model's parameters will take at the least against what there is, before any is made. `wordRows`: of the
 * table of pieces so many rows are held. A parameter has its value, the optimizer's two, and where weights are averaged
 * theirs. @throws UsageError where they cannot fit
 */
export function checkMemory(
  { parameters }: Model,
  wordRows: number,
  { averageDecay }: Pick<Config['training'], 'averageDecay'>,
  memory = machineMemory(),
): void {
  const numbers = parameters.reduce(
    (sum, { shape, use }) => sum + (use === 'words' ? wordRows * shape[1]! : sizeOf(shape)),
    0,
  );
  const bytes = numbers * BYTES * (averageDecay === null ? 3 : 4);
  if (bytes <= memory) return;
  throw new UsageError(
    `the model has ${shown(numbers / 1e6)} million parameters, which need ${gigabytes(bytes)} with their optimizer, and this machine has ${gigabytes(memory)}: take fewer or narrower layers (encoder.random, encoder.layers, model.lstmUnits, model.spans.size)`,
  );
}

/** Bytes that this process may have: the machine's, or less where its group of processes is held to less. */
function machineMemory(): number {
  const limit = process.constrainedMemory?.() ?? 0;
  return limit > 0 ? Math.min(limit, totalmem()) : totalmem();
}

function gigabytes(bytes: number): string {
  return `${shown(bytes / 2 ** 30)} GiB`;
}

function shown(value: number): string {
  return value.toLocaleString('en', { maximumFractionDigits: value < 10 ? 1 : 0 });
}
