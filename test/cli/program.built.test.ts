import { describe, expect, test } from '@jest/globals';
import { execFile, execFileSync } from 'node:child_process';
import { promisify } from 'node:util';
import { builtProgram } from '../support/builtProgram.js';

/** What a line of bash prints; $0 is node, $1 the program. */
const shell = (line: string) =>
  execFileSync('bash', ['-c', line, process.execPath, builtProgram], { encoding: 'utf8' });

describe('the built program', () => {
  test('prints help for people who pipe it, without colours', async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [builtProgram, '--help'], {
      env: { ...process.env, FORCE_COLOR: '' },
    });
    expect(stdout).toMatch(/^meddoprof COMMAND/);
    expect(stdout).not.toContain('\u001b');
  });

  test('exits with 2 and one sentence for a command that is not there', async () => {
    const failed = promisify(execFile)(process.execPath, [builtProgram, 'trian']);
    await expect(failed).rejects.toMatchObject({ code: 2, stderr: expect.stringMatching(/^error: .*\n$/) });
  });

  test('is silent when nobody reads its output any more', () => {
    expect(shell('{ "$0" "$1" --help 2>&4 | true; } 4>&1')).toBe('');
  });

  test('tells of a full disk', () => {
    expect(shell('"$0" "$1" --help 2>&1 >/dev/full; echo "status $?"')).toMatch(
      /^error: the disk is full; .*\nstatus 1\n$/,
    );
  });
});
