// Checks of what a program or a command line gives for an option: who writes JavaScript is told by nobody else.
import { UsageError } from '../errors.js';
import { nearest } from './nearest.js';

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

/** @throws UsageError for the value of an option that is none of its choices, where it is given */
export function checkChoice(option: string, value: string | undefined, choices: readonly string[]): void {
  if (value !== undefined && !choices.includes(value))
    throw new UsageError(`${option} is ${value}; it can be ${choices.join(', ')}`);
}

/** @throws UsageError for what is no text, or none at all, where one must be given */
export function checkText(option: string, value: unknown): void {
  if (value === undefined || value === '') throw new UsageError(`${option} must be given`);
  if (typeof value !== 'string') throw new UsageError(`${option} needs a text`);
}

/** @throws UsageError for what is no list, where it is given */
export function checkList(option: string, value: unknown): void {
  if (value !== undefined && !Array.isArray(value)) throw new UsageError(`${option} needs a list, [ … ]`);
}

/** The options that a function takes: all of them, or the compiler complains. */
export type OptionNames<Options> = Record<keyof Options, true>;

/** @throws UsageError for options that are no object, or have one that there is not: mostly a name that is mistyped */
export function checkOptions<Options extends object>(options: Options, names: OptionNames<Options>): void {
  if (typeof options !== 'object' || options === null) throw new UsageError('options need an object, { … }');
  for (const name of Object.keys(options)) {
    if (Object.hasOwn(names, name)) continue;
    const known = Object.keys(names);
    const near = nearest(name, known);
    throw new UsageError(
      `${name} is no option; ${near === undefined ? `they are ${known.join(', ')}` : `did you mean ${near}?`}`,
    );
  }
}
