import { describe, expect, test } from '@jest/globals';
import type { Arguments, CommandModule } from 'yargs';
import { type Commands, shipped } from '../../src/cli/commands.js';
import { runProgram } from '../../src/cli/program.js';
import { setOption } from '../../src/cli/set.js';
import { InputError, UsageError } from '../../src/errors.js';
import { captureOutput } from '../support/captureOutput.js';

/** A program with the commands `train` and `evaluate`, of which only train can be loaded. */
function program(handler: CommandModule['handler'] = () => {}) {
  const train: CommandModule = {
    command: 'train <config>',
    builder: (yargs) =>
      yargs
        .positional('config', { type: 'string', describe: 'a config file' })
        .option('dry-run', { type: 'boolean', describe: 'print the plan' })
        .option('steps', { type: 'number' })
        .option('engine', { choices: ['native', 'cpu'] })
        .option('out', { type: 'string' })
        .option('set', setOption()),
    handler,
  };
  const commands: Commands = {
    list: [
      { name: 'train', description: 'Train a model' },
      { name: 'evaluate', description: 'Score predictions' },
    ],
    load: (name) =>
      name === 'train' ? Promise.resolve({ command: train }) : Promise.reject(new Error(name)),
  };
  return (...args: string[]) => captureOutput(() => runProgram(args, commands));
}

/** What a mistaken command line prints on stderr; the exit status must be 2. */
async function mistake(...args: string[]): Promise<string> {
  const { stdout, stderr, value } = await program()(...args);
  expect({ stdout, value }).toEqual({ stdout: '', value: 2 });
  return stderr;
}

describe('the command line', () => {
  test('gives the handler its arguments and the global options', async () => {
    let seen: Arguments | undefined;
    const run = program((argv) => void (seen = argv as Arguments));
    const { value } = await run(
      'train',
      'a.yaml',
      '--dry-run',
      '--set',
      'a.b=1',
      '--set',
      'c=[1, 2]',
      '--json',
    );
    expect(value).toBe(0);
    expect(seen).toMatchObject({ config: 'a.yaml', dryRun: true, set: ['a.b=1', 'c=[1, 2]'], json: true });
  });

  test('takes --set before the command', async () => {
    let seen: Arguments | undefined;
    await program((argv) => void (seen = argv as Arguments))('--set', 'a=1', 'train', 'a.yaml');
    expect(seen).toMatchObject({ config: 'a.yaml', set: ['a=1'] });
  });

  test('keeps names that look like numbers as text', async () => {
    let seen: Arguments | undefined;
    await program((argv) => void (seen = argv as Arguments))('train', '007', '--out', '1e3');
    expect(seen).toMatchObject({ config: '007', out: '1e3' });
  });

  test('lists the commands for --help without loading one', async () => {
    const { stdout, value } = await program()('--help');
    expect(value).toBe(0);
    expect(stdout).toMatch(/meddoprof train +Train a model\n +meddoprof evaluate +Score predictions/);
  });

  test("prints a command's own options for COMMAND --help", async () => {
    const { stdout, value } = await program()('train', '--help');
    expect(value).toBe(0);
    expect(stdout).toContain('meddoprof train <config>');
    expect(stdout).toMatch(/--dry-run +print the plan/);
    expect(stdout).not.toContain('evaluate');
  });

  test('takes -h for --help', async () => {
    const [short, long] = [await program()('train', '-h'), await program()('train', '--help')];
    expect(short).toEqual(long);
    expect(short.value).toBe(0);
  });

  test('prints the version', async () => {
    const { stdout } = await program()('--version');
    expect(stdout).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  test('asks for a command where none is given', async () => {
    expect(await mistake()).toMatch(/^error: name a command\n\nmeddoprof COMMAND/);
    expect(await mistake('--quiet')).toMatch(/^error: name a command/);
  });

  test('suggests the command that was meant', async () => {
    expect(await mistake('trian', 'x')).toBe(
      'error: unknown command trian (did you mean train?); see meddoprof --help\n',
    );
  });

  test('suggests the option that was meant', async () => {
    expect(await mistake('train', 'x', '--dry-rum=3')).toBe(
      'error: unknown option --dry-rum (did you mean --dry-run?); see meddoprof train --help\n',
    );
  });

  test.each([
    ['an argument too many', ['train', 'x', 'y'], 'unknown argument y'],
    ['a letter that is no option', ['train', 'x', '-x'], 'unknown option -x; see'],
    ['an argument too few', ['train'], 'usage is meddoprof train <config>, an argument is missing'],
    ['an option without its value', ['train', 'x', '--out'], '--out needs a value'],
    ['--set without its value', ['train', 'x', '--set'], '--set needs a value'],
    [
      'an option given twice',
      ['train', 'x', '--out', 'a', '--out', 'b'],
      '--out is given twice; give it once',
    ],
    [
      'a value that is none of those allowed',
      ['train', 'x', '--engine', 'nativ'],
      '--engine is nativ; it can be native, cpu (did you mean native?)',
    ],
    ['a number that is none', ['train', 'x', '--steps', 'many'], '--steps needs a number'],
    [
      'an option of the config that stands for itself',
      ['train', 'x', '--batch-size', '8'],
      'unknown option --batch-size (did you mean --set training.batchSize=…?)',
    ],
    [
      'an option of the config by its path',
      ['train', 'x', '--data.corpus=ours'],
      'unknown option --data.corpus (did you mean --set data.corpus=…?)',
    ],
    [
      'a name that several sections of the config have',
      ['train', 'x', '--threshold', '.4'],
      'unknown option --threshold (did you mean --set decoding.threshold=… or --set normalization.threshold=…?)',
    ],
    [
      'an option that is longer than known',
      ['train', 'x', '--output', 'y'],
      'unknown option --output (did you mean --out?)',
    ],
    [
      'an option that is cut',
      ['train', 'x', '--eng', 'cpu'],
      'unknown option --eng (did you mean --engine?)',
    ],
    [
      'a setting without its =',
      ['train', 'x', '--set', 'training.batchSize', '8'],
      'unknown argument 8 (did you mean --set training.batchSize=8?)',
    ],
    [
      'an option that is not there before the argument that it has taken',
      ['train', '--dryRun', '--no-quiet', '--input', 'x'],
      'unknown option --input; see meddoprof train --help',
    ],
  ])('tells of %s', async (_, args, message) => {
    expect(await mistake(...args)).toContain(`error: ${message}`);
  });
});

describe('errors of a command', () => {
  const failing = (error: unknown) =>
    program(() => {
      throw error;
    })('train', 'x');

  test('are one sentence on stderr, exit status 1 for input and 2 for usage', async () => {
    const input = await failing(new InputError('a.ann:3: the span ends past the text'));
    expect(input).toEqual({ stdout: '', stderr: 'error: a.ann:3: the span ends past the text\n', value: 1 });
    const usage = await failing(new UsageError('a.yaml: no such config'));
    expect(usage).toEqual({ stdout: '', stderr: 'error: a.yaml: no such config\n', value: 2 });
  });

  test('of the system are put in words', async () => {
    const full = Object.assign(new Error('ENOSPC: no space left on device, write'), { code: 'ENOSPC' });
    expect((await failing(full)).stderr).toMatch(/^error: the disk is full; make room/);
    const denied = Object.assign(new Error('EACCES'), { code: 'EACCES', path: 'runs/a' });
    expect((await failing(denied)).stderr).toMatch(/^error: runs\/a: permission denied; /);
  });

  test('that nobody foresaw say how to see where', async () => {
    const { stderr, value } = await failing(new TypeError('x is undefined'));
    expect(value).toBe(1);
    expect(stderr).toBe('error: x is undefined (unexpected; DEBUG=meddoprof shows where it happened)\n');
  });

  test('come with a stack trace under DEBUG=meddoprof', async () => {
    process.env.DEBUG = 'meddoprof';
    const { stderr } = await failing(new InputError('a.ann is broken'));
    delete process.env.DEBUG;
    expect(stderr).toMatch(/^error: a\.ann is broken\n(.*\n)+ +at /);
  });
});

test.each(shipped.list)('the command $name of the list is there', async ({ name }) => {
  const { command } = await shipped.load(name);
  expect([command.command].flat()[0]?.split(' ')[0]).toBe(name);
});
