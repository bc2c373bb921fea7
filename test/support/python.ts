import { describe, test } from '@jest/globals';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const python = process.env.MEDDOPROF_PYTHON ?? 'python3';
const scripts = join(import.meta.dirname, '../../scripts');

/** Describes what Python's packages say, or skips it with a notice where they are not installed. */
export function describePython(title: string, packages: string[], tests: () => void): void {
  if (hasPackages(packages)) return describe(title, tests);
  const notice = `needs ${packages.join(', ')} in ${python}; MEDDOPROF_PYTHON names another Python`;
  describe(title, () => test.skip(notice, () => {}));
}

/** Runs one of the scripts; what it prints is JSON. */
export function runPython(
  script: string,
  args: string[],
): { status: number | null; stderr: string; printed: string } {
  const run = spawnSync(python, [join(scripts, script), ...args], { encoding: 'utf8', maxBuffer: 2 ** 28 });
  return { status: run.status, stderr: run.stderr, printed: run.stdout };
}

/** Looks for packages without loading them, which takes seconds. */
function hasPackages(packages: string[]): boolean {
  const code = `from importlib.util import find_spec; exit(any(find_spec(name) is None for name in ${JSON.stringify(packages)}))`;
  return spawnSync(python, ['-c', code]).status === 0;
}
