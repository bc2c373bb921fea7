import type { Options } from 'yargs';

/** Options that say where things are now, of runs that have been made. */
export const MOVED = ['data.corpus', 'data.format', 'data.norm', 'data.codes'];

/** The option --set of a command that reads these options of the config, and what is below them; or all of them. */
export function setOption(keys?: readonly string[]): Options {
  const example = 'Set an option of the config: --set training.batchSize=8';
  return {
    type: 'string',
    array: true,
    requiresArg: true,
    describe:
      keys === undefined ? example : `Set an option of the config: ${keys.join(', ')}, or what is below one`,
  };
}
