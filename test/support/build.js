import { spawnSync } from 'node:child_process';

/** Builds the program, once, before the tests that run it as built; where that fails, none is run. */
export default function build() {
  const { status, signal } = spawnSync('npm run --silent build', { shell: true, stdio: ['ignore', 2, 2] });
  if (status !== 0)
    throw new Error(
      `npm run build ended with ${signal ?? status}: the tests of the built program cannot be run before it is mended`,
    );
}
