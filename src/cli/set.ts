import type { Options } from 'yargs';
import { engines } from '../config/choices.js';
import { UsageError } from '../errors.js';

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

/**
 * The settings of --set, and those of the short options of the engine that were given, such as --engine.
 * @throws UsageError where --set says otherwise of one of them
 */
export function withShort(
  set: readonly string[],
  short: Readonly<Partial<Record<'engine' | 'device' | 'precision', string>>>,
): string[] {
  const given = Object.entries(short).filter(([, value]) => value !== undefined);
  for (const [name, value] of given) {
    const said = new RegExp(`^backend(\\.${name}=|=.*\\b${name}\\s*:)\\s*["']?(\\w+)`);
    const other = set.findLast((setting) => (said.exec(setting)?.[2] ?? value) !== value);
    if (other !== undefined)
      throw new UsageError(`--${name} ${value} and --set ${other} contradict each other: give one of them`);
  }
  return [...set, ...given.map(([name, value]) => `backend.${name}=${value}`)];
}
