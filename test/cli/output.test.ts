import { describe, expect, test } from '@jest/globals';
import { outputOf } from '../../src/cli/output.js';
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
