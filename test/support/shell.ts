import { execFile } from 'node:child_process';

/**
 * Runs lines as a shell does that stops at the first one which fails, and says what went wrong: with which status or
 * signal they ended, and all that they printed. Undefined: nothing.
 */
export function failureOf(lines: string, cwd: string, path = process.env.PATH): Promise<string | undefined> {
  const options = { cwd, env: { ...process.env, PATH: path }, maxBuffer: Infinity };
  return new Promise((resolve) => {
    execFile('bash', ['-e', '-o', 'pipefail', '-c', lines], options, (error, stdout, stderr) =>
      resolve(error ? `ended with ${error.signal ?? error.code}: ${stdout}${stderr}` : undefined),
    );
  });
}
