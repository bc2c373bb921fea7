import { readFileSync } from 'node:fs';
import yargs, { type Arguments, type Argv, type CommandModule, type Options } from 'yargs';
import { UsageError } from '../errors.js';
import { type Commands, shipped } from './commands.js';
import { reportError } from './errors.js';
import { print } from './output.js';
import { usageErrorOf } from './usage.js';

/** What every command takes. */
export const globalOptions = {
  json: { type: 'boolean', describe: 'Print the result as JSON' },
  quiet: { type: 'boolean', describe: 'Print the result only, no progress and no notices' },
} as const satisfies Record<string, Options>;

/**
 * Runs the command that `args` name and returns the process's exit status: 0 done, 1 failed, 2 wrong usage
 * or config. What goes wrong is told on stderr.
 */
export async function runProgram(args: string[], commands = shipped): Promise<number> {
  try {
    await run(args, commands);
    return Number(process.exitCode ?? 0); // a command may have set a status of its own
  } catch (error) {
    return reportError(error);
  }
}

async function run(args: string[], commands: Commands): Promise<void> {
  const name = commandName(args);
  const module = name === undefined ? undefined : await loadCommand(name, commands);
  const { argv, output } = await parse(args, commands, module && { ...module, name });
  if (argv) await module!.handler(argv);
  else print(process.stdout, output);
}

/** The first argument that is neither an option nor the value of a global one. */
function commandName(args: string[]): string | undefined {
  return args.find((arg, i) => !arg.startsWith('-') && args[i - 1] !== '--set');
}

async function loadCommand(name: string, { list, load }: Commands): Promise<CommandModule> {
  const names = list.map((command) => command.name);
  if (!names.includes(name)) throw usageErrorOf(`Unknown command: ${name}`, { args: [name], known: names });
  return (await load(name)).command;
}

/** What yargs makes of the arguments: values for the handler, or the text of --help or --version. */
async function parse(args: string[], { list }: Commands, module: NamedModule | undefined) {
  let argv: Arguments | undefined;
  let output = '';
  const parser = program();
  let options = optionsOf(parser);
  for (const { name, description } of list) {
    if (name !== module?.name) {
      parser.command(name, description);
      continue;
    }
    const { builder } = module;
    parser.command(
      module.command!,
      description,
      (command) => {
        const built = typeof builder === 'function' ? builder(command) : command.options(builder ?? {});
        options = optionsOf(command);
        return built as Argv;
      },
      (parsed) => void (argv = parsed as Arguments),
    );
  }
  try {
    await parser.parseAsync(args, {}, (error: unknown, _argv: unknown, text: string) => {
      if (!error) output = text;
    });
  } catch (error) {
    const command = [module?.command].flat()[0];
    const { names: known } = options;
    const settings = known.includes('--set') ? await settingsOfConfig() : [];
    throw usageErrorOf((error as Error).message, { args, command, known, settings });
  }
  if (argv) checkValues(argv, options);
  else if (output === '') throw new UsageError(`name a command\n\n${await parser.getHelp()}`);
  return { argv, output };
}

async function settingsOfConfig(): Promise<string[]> {
  const { listOptions } = await import('../config/options.js');
  return listOptions().map(({ path }) => path);
}

type NamedModule = CommandModule & { name: string | undefined };

interface KnownOptions {
  names: string[];
  arrays: string[];
}

function optionsOf(parser: Argv): KnownOptions {
  const { key, array } = (
    parser as unknown as { getOptions(): { key: Record<string, unknown>; array: string[] } }
  ).getOptions();
  const names = Object.keys(key).filter((name) => name !== 'h'); // which is written -h
  return { names: names.map((name) => `--${name}`), arrays: [...array] };
}

/** What yargs lets pass: an option given twice becomes a list, a number that is none NaN, no value ''. */
function checkValues(argv: Arguments, { names, arrays }: KnownOptions): void {
  for (const [name, value] of Object.entries(argv)) {
    if (!names.includes(`--${name}`)) continue;
    if (Array.isArray(value) && !arrays.includes(name))
      throw new UsageError(`--${name} is given twice; give it once`);
    if (Number.isNaN(value)) throw new UsageError(`--${name} needs a number`);
    if (value === '') throw new UsageError(`--${name} needs a value`);
  }
}

function program(): Argv {
  return yargs()
    .scriptName('meddoprof')
    .usage('$0 COMMAND [arguments]\n\nFinds, classifies and normalises occupations in clinical text.')
    .options(globalOptions)
    .parserConfiguration({
      'dot-notation': false,
      'greedy-arrays': false,
      'parse-positional-numbers': false,
      'strip-aliased': true,
    })
    .locale('en')
    .help('help')
    .alias('help', 'h')
    .version(version())
    .strict()
    .exitProcess(false)
    .fail(false)
    .wrap(Math.min(process.stdout.columns ?? 100, 100));
}

function version(): string {
  const file = new URL('../../package.json', import.meta.url);
  return (JSON.parse(readFileSync(file, 'utf8')) as { version: string }).version;
}
