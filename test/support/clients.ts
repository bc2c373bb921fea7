import { mkdirSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/**
 * An environment in which `mvn`, `npm` and `pip` are these shell scripts, and what has none is not installed.
 * A script finds its arguments in `$*` and writes them to `calls` in the home folder.
 */
export function clientEnvironment(home: string, scripts: Record<string, string>): NodeJS.ProcessEnv {
  const bin = join(home, 'bin');
  mkdirSync(bin, { recursive: true });
  for (const [name, script] of Object.entries(scripts))
    writeFileSync(
      join(bin, name),
      `#!/bin/sh\nPATH=/usr/bin:/bin\necho "${name} $*" >> "$HOME/calls"\n${script}\n`,
      {
        mode: 0o755,
      },
    );
  return { HOME: home, PATH: [bin, join(home, 'none')].join(delimiter) };
}
