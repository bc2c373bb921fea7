import { UsageError } from '../errors.js';

/** @throws UsageError for what is no list, where it is given: who writes JavaScript is told by nobody else */
export function checkList(option: string, value: unknown): void {
  if (value !== undefined && !Array.isArray(value)) throw new UsageError(`${option} needs a list, [ … ]`);
}
