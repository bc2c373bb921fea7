import { expect } from '@jest/globals';
import { randomNumbers } from './tensors.js';

/**
 * Checks a gradient of `value` at `at` against a central difference. The direction is half the gradient's
 * own, for a clear signal, and half random, so that an entry that was forgotten counts. `what` names it where
 * it fails; `step` is how far the difference is taken.
 */
export function expectGradient(
  value: (at: Float32Array) => number,
  at: Float32Array,
  gradient: ArrayLike<number>,
  what?: string,
  step = 0.02,
): void {
  const [tolerance, rounding] = [0.02, 5e-5];
  expect(gradient).toHaveLength(at.length);
  const [own, random] = [unit(gradient), unit(randomNumbers(at.length, 99))];
  const direction = unit(own.map((x, i) => x + random[i]!));
  const moved = (by: number) => value(at.map((x, i) => x + by * direction[i]!));
  const expected = (moved(step) - moved(-step)) / (2 * step);
  const actual = direction.reduce((sum, x, i) => sum + x * gradient[i]!, 0);
  const close = Math.abs(actual - expected) <= rounding + tolerance * norm(gradient);
  expect({ close, ...(!close && { what, actual, expected }) }).toEqual({ close: true });
}

/** The sum of the products: what makes one number of an output, with `upstream` as its gradient. */
export function dot(output: ArrayLike<number>, upstream: ArrayLike<number>): number {
  let sum = 0;
  for (let i = 0; i < output.length; i++) sum += output[i]! * upstream[i]!;
  return sum;
}

const norm = (values: ArrayLike<number>) => Math.sqrt(dot(values, values));

function unit(values: ArrayLike<number>): number[] {
  const length = norm(values) || 1;
  return Array.from(values, (x) => x / length);
}
