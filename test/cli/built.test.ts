import { describe, expect, test } from '@jest/globals';
import { execFile, execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const root = join(import.meta.dirname, '../..');
const program = join(root, 'bin/meddoprof.js');
/** What a line of bash prints; $0 is node, $1 the program. */
const shell = (line: string) =>
  execFileSync('bash', ['-c', line, process.execPath, program], { encoding: 'utf8' });
const describeBuilt = existsSync(join(root, 'dist/cli/main.js')) ? describe : describe.skip;

describeBuilt('the built program (needs npm run build)', () => {
  test('prints help for people who pipe it, without colours', async () => {
    const { stdout } = await promisify(execFile)(process.execPath, [program, '--help'], {
      env: { ...process.env, FORCE_COLOR: '' },
    });
    expect(stdout).toMatch(/^meddoprof COMMAND/);
    expect(stdout).not.toContain('\u001b');
  });

  test('exits with 2 and one sentence for a command that is not there', async () => {
    const failed = promisify(execFile)(process.execPath, [program, 'trian']);
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
