import type { Options } from 'yargs';
import { engines } from '../config/choices.js';

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

/** The option --engine of a command that computes by a config. */
export const engineOption = {
  choices: engines,
  describe: 'Short for --set backend.engine=…',
} satisfies Options;

/** The settings of --set, and that of --engine where it was given. */
export function withEngine(set: readonly string[], engine: string | undefined): string[] {
  return engine ? [...set, `backend.engine=${engine}`] : [...set];
}
