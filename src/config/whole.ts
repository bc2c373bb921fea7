import { UsageError } from '../errors.js';

/** @throws UsageError for the value of an option that is no whole number, or outside of what it can be */
export function checkWhole(
  option: string,
  value: number,
  least = Number.MIN_SAFE_INTEGER,
  most = Number.MAX_SAFE_INTEGER,
): void {
  if (Number.isSafeInteger(value) && value >= least && value <= most) return;
  const from = least === Number.MIN_SAFE_INTEGER ? '' : `, ${least.toLocaleString('en')}`;
  const to = most === Number.MAX_SAFE_INTEGER ? ' or more' : ` to ${most.toLocaleString('en')}`;
  throw new UsageError(`${option} needs a whole number${from && from + to}`);
}
