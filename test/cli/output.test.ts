import { describe, expect, test } from '@jest/globals';
import { reportError } from '../../src/cli/errors.js';
import { outputOf } from '../../src/cli/output.js';
import { formatTable } from '../../src/cli/table.js';
import { InputError } from '../../src/errors.js';
import { captureOutput } from '../support/captureOutput.js';

const use = (argv: { json?: boolean; quiet?: boolean }) =>
  captureOutput(() => {
    const output = outputOf(argv);
    output.notice('reading');
    output.result({ f1: 0.5 }, () => 'F1 0.5');
  });

describe('outputOf', () => {
  test('prints results to stdout and notices to stderr', async () => {
    expect(await use({})).toMatchObject({ stdout: 'F1 0.5\n', stderr: 'reading\n' });
  });

  test('prints the result as JSON with --json', async () => {
    const { stdout } = await use({ json: true });
    expect(JSON.parse(stdout)).toEqual({ f1: 0.5 });
  });

  test('prints no notices with --quiet', async () => {
    expect(await use({ quiet: true })).toMatchObject({ stdout: 'F1 0.5\n', stderr: '' });
  });
});

describe('what a file may hold that steers a terminal', () => {
  const hostile = 'a\u001b[2Jb\u0007c\u007fd\u009be\u202ef\u2066g\rh';
  const shown = 'a\\x1b[2Jb\\x07c\\x7fd\\x9be\\u202ef\\u2066g\\x0dh';
  const say = (argv: { json?: boolean }) =>
    captureOutput(() => {
      const output = outputOf(argv);
      output.notice(`${hostile}\tñ`);
      output.result({ [hostile]: [hostile] }, () => `${hostile}\nsecond`);
    });

  test('stands as one would type it, in results and notices; lines, tabs and letters stay', async () => {
    expect(await say({})).toMatchObject({ stdout: `${shown}\nsecond\n`, stderr: `${shown}\tñ\n` });
  });

  test('is escaped in JSON, which says the same', async () => {
    const { stdout } = await say({ json: true });
    expect(JSON.parse(stdout)).toEqual({ [hostile]: [hostile] });

    expect(stdout).not.toMatch(/[^\n\x20-\x7e]/);
  });

  test('is shown in errors, of which a line without end is cut', async () => {
    const { stderr } = await captureOutput(() =>
      reportError(new InputError(`${hostile}\n${'x'.repeat(5000)}`)),
    );
    expect(stderr).toBe(`error: ${shown}\n${'x'.repeat(2000)}… (cut)\n`);
  });

  test('is shown in a cell of a table, which stays one line', () => {
    expect(formatTable(['name', 'F1'], [['a\n\u001b[1mb', 1]])).toBe('name         F1\na\\n\\x1b[1mb   1');
  });
});
