import { nearest } from '../config/nearest.js';
import { UsageError } from '../errors.js';

/** What the command line was and what it could have been. */
export interface Usage {
  args: string[];
  /** The command's own usage, `train <config>`; nothing where there is no such command. */
  command?: string;
  /** Names that are known: the options with their dashes, or the commands. */
  known: string[];
  /** Options of the config, `training.batchSize`, where the command takes --set. */
  settings?: string[];
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

function wrongIn(message: string, usage: Usage): string {
  const { args, command, known } = usage;
  const unknown = /^Unknown (argument|command)s?: (.*)/.exec(message);
  if (unknown) {
    const names = unknown[2]!.split(', ').map((name) => asTyped(name, args));
    const name = names.find((typed) => args.includes(typed) || typed.startsWith('--')) ?? names[0]!;
    if (name.startsWith('-')) return unknownOption(name, usage);
    return unparted(name, args) ?? `unknown ${unknown[1]} ${name}${suggestion(name, known)}`;
  }
  // What is missing may stand there under a name that is not known.
  const other = args.map(nameOf).find((name) => name.startsWith('--') && !isKnown(name, known));
  if (other !== undefined && /^(Missing required|Not enough non-option)/.test(message))
    return unknownOption(other, usage);
  const following = /^Not enough arguments following: (.*)/.exec(message);
  if (following) return `--${following[1]} needs a value`;
  if (message.startsWith('Not enough non-option'))
    return `usage is meddoprof ${command}, an argument is missing`;
  const choices = /^Invalid values:\s+Argument: (.*), Given: (.*), Choices: (.*)/.exec(message);
  if (choices) return wrongChoice(choices[1]!, choices[2]!, choices[3]!);
  const both = /^Arguments (.*) and (.*) are mutually exclusive/.exec(message);
  if (both) return `--${both[1]} and --${both[2]} exclude each other: give one of them`;
  const missing = /^Missing required arguments?: (.*)/.exec(message);
  if (missing) return `${missing[1]!.replace(/[^, ]+/g, '--$&')} must be given`;
  const lines = message.trim().split('\n');
  return lines.map((line) => line.trim()).join(' ');
}

function unknownOption(name: string, { command, known, settings = [] }: Usage): string {
  if (name === '--set' && command !== undefined)
    return `${command.split(' ')[0]} takes no --set: it reads no option of a config`;
  const meant = settingsCalled(name.slice(2), settings).map((path) => `--set ${path}=…`);
  return `unknown option ${name}${meant.length > 0 ? ` (did you mean ${meant.join(' or ')}?)` : suggestion(name, known)}`;
}

/** The options of the config with that name, `batch-size` or `batchSize`, or path; of several those highest up. */
function settingsCalled(name: string, settings: string[]): string[] {
  const bare = (text: string) => text.replaceAll('-', '').toLowerCase();
  const called = settings.filter((path) =>
    [path, path.split('.').at(-1)!].some((known) => bare(known) === bare(name)),
  );
  const depth = (path: string) => path.split('.').length;
  return called.filter((path) => depth(path) === Math.min(...called.map(depth)));
}

/** What to write for `--set training.batchSize 8`, whose value stands by itself. */
function unparted(value: string, args: string[]): string | undefined {
  const i = args.indexOf(value);
  const [set, key] = [args[i - 2], args[i - 1]];
  if (set !== '--set' || key === undefined || key.includes('=')) return undefined;
  return `unknown argument ${value} (did you mean --set ${key}=${value}?)`;
}

/** `given` and `choices` as yargs writes them: in quotes, with commas between. */
function wrongChoice(name: string, given: string, choices: string): string {
  const allowed = choices.split(', ').map((choice) => choice.replaceAll('"', ''));
  const value = given.replaceAll('"', '');
  return `--${name} is ${value}; it can be ${allowed.join(', ')}${suggestion(value, allowed)}`;
}

/** " (did you mean X?)" where a known name is near, else nothing. */
function suggestion(name: string, known: string[]): string {
  const meant = nearest(name, known) ?? known.find((one) => isPart(name, one) || isPart(one, name)); // --pred, --output
  return meant === undefined ? '' : ` (did you mean ${meant}?)`;
}

function isPart(short: string, long: string): boolean {
  return short.length > 4 && long.startsWith(short);
}

/** yargs strips dashes, and reports --dry-rum a second time as dryRum. */
function asTyped(name: string, args: string[]): string {
  const typed = args.map(nameOf);
  return [`--${name}`, `-${name}`].find((option) => typed.includes(option)) ?? name;
}

/** `--out` of `--out=runs/a`. */
function nameOf(arg: string): string {
  return arg.replace(/=.*/s, '');
}

/** As yargs knows names: also --dryRun, and --no-quiet. */
function isKnown(name: string, known: string[]): boolean {
  const kebab = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  return [kebab, kebab.replace('--no-', '--')].some((option) => known.includes(option));
}
