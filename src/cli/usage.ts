import { closest, distance } from 'fastest-levenshtein';
import { UsageError } from '../errors.js';

/** What the command line was and what it could have been. */
export interface Usage {
  args: string[];
  /** The command's own usage, `train <config>`; nothing where there is no such command. */
  command?: string;
  /** Names that are known: the options with their dashes, or the commands. */
  known: string[];
}

/**
 * The error for a mistake in the command line: yargs's message as one sentence that says what is wrong,
 * the nearest known name where there is one, and where to read on.
 */
export function usageErrorOf(message: string, usage: Usage): UsageError {
  const name = usage.command?.split(' ')[0];
  const help = name === undefined ? 'meddoprof --help' : `meddoprof ${name} --help`;
  return new UsageError(`${wrongIn(message, usage)}; see ${help}`);
}

function wrongIn(message: string, { args, command, known }: Usage): string {
  const unknown = /^Unknown (argument|command)s?: (.*)/.exec(message);
  if (unknown) {
    const names = unknown[2]!.split(', ').map((name) => asTyped(name, args));
    const name = names.find((typed) => args.includes(typed) || typed.startsWith('--')) ?? names[0]!;
    if (name === '--set' && command !== undefined)
      return `${command.split(' ')[0]} takes no --set: it reads no option of a config`;
    return `unknown ${name.startsWith('-') ? 'option' : unknown[1]} ${name}${suggestion(name, known)}`;
  }
  const following = /^Not enough arguments following: (.*)/.exec(message);
  if (following) return `--${following[1]} needs a value`;
  if (message.startsWith('Not enough non-option'))
    return `usage is meddoprof ${command}, an argument is missing`;
  const choices = /^Invalid values:\s+Argument: (.*), Given: (.*), Choices: (.*)/.exec(message);
  if (choices) return wrongChoice(choices[1]!, choices[2]!, choices[3]!);
  const missing = /^Missing required arguments?: (.*)/.exec(message);
  if (missing) return `${missing[1]!.replace(/[^, ]+/g, '--$&')} must be given`;
  const lines = message.trim().split('\n');
  return lines.map((line) => line.trim()).join(' ');
}

/** `given` and `choices` as yargs writes them: in quotes, with commas between. */
function wrongChoice(name: string, given: string, choices: string): string {
  const allowed = choices.split(', ').map((choice) => choice.replaceAll('"', ''));
  const value = given.replaceAll('"', '');
  return `--${name} is ${value}; it can be ${allowed.join(', ')}${suggestion(value, allowed)}`;
}

/** " (did you mean X?)" where a known name is near, else nothing. */
function suggestion(name: string, known: string[]): string {
  if (known.length === 0) return '';
  const nearest = closest(name, known);
  return distance(name, nearest) <= Math.max(2, name.length / 3) ? ` (did you mean ${nearest}?)` : '';
}

/** yargs strips dashes, and reports --dry-rum a second time as dryRum. */
function asTyped(name: string, args: string[]): string {
  const typed = args.map((arg) => arg.replace(/=.*/s, ''));
  return [`--${name}`, `-${name}`].find((option) => typed.includes(option)) ?? name;
}
