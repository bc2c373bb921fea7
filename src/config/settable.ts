import { UsageError } from '../errors.js';
import { listOptions } from './options.js';
import { parseSet } from './set.js';
import type { Tree } from './tree.js';

/** What prediction may be told: nothing that was learned depends on these. */
export const PREDICTION = ['decoding', 'normalization.exact', 'normalization.threshold', 'backend'];

/**
 * Holds the settings of --set to the options that a command reads: `keys`, and what is below them.
 * @throws UsageError for another one, or one that there is not, with the keys that the command takes
 */
export function checkSettable(command: string, set: readonly string[], keys: readonly string[]): void {
  const isTaken = (path: string) => keys.some((key) => path === key || path.startsWith(`${key}.`));
  const other = set.flatMap((setting) => pathsOf(parseSet(setting))).find((path) => !isTaken(path));
  if (other === undefined) return;
  const name = other.split('.').at(-1);
  const meant = listOptions().find(({ path }) => isTaken(path) && path.split('.').at(-1) === name);
  throw new UsageError(
    `${command} takes --set ${keys.join(', ')} only, and not ${other}${meant ? `; did you mean ${meant.path}?` : ''}`,
  );
}

/** `section.key` of each option that a setting sets; of a mapping all that are in it. */
function pathsOf({ value }: Tree): string[] {
  if (!(value instanceof Map) || value.size === 0) return [''];
  return [...value].flatMap(([key, below]) => pathsOf(below).map((path) => (path ? `${key}.${path}` : key)));
}
