import { UsageError } from '../errors.js';

/** @throws UsageError for the value of an option that is none of its choices, where it is given */
export function checkChoice(option: string, value: string | undefined, choices: readonly string[]): void {
  if (value !== undefined && !choices.includes(value))
    throw new UsageError(`${option} is ${value}; it can be ${choices.join(', ')}`);
}
