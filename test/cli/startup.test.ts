import { describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { shipped } from '../../src/cli/commands.js';

const source = join(import.meta.dirname, '../../src');

/** Packages that a module of src loads, itself and through its imports; `import()` counts if asked for. */
function packagesOf(file: string, dynamic: boolean, seen = new Set<string>()): Set<string> {
  const packages = new Set<string>();
  const path = join(source, file);
  if (seen.has(path)) return packages;
  seen.add(path);
  const text = readFileSync(path, 'utf8').replace(/^(import|export) type [^;]*;/gm, '');
  const named = [...text.matchAll(/^(?:import|export) (?:[\w\s{},*$]+ from )?'([^']+)'/gm)];
  const called = dynamic ? [...text.matchAll(/\bimport\(\s*['"]([^'"]+)['"]/g)] : [];
  for (const [, name] of [...named, ...called]) {
    if (!name!.startsWith('.')) packages.add(name!);
    else {
      const next = join(dirname(file), name!).replace(/\.js$/, '.ts');
      for (const found of packagesOf(next, dynamic, seen)) packages.add(found);
    }
  }
  return packages;
}

const tensorflow = (packages: Set<string>) => [...packages].filter((name) => name.startsWith('@tensorflow'));

describe('start-up', () => {
  test('follows imports', () => {
    expect(packagesOf('config/load.ts', false)).toContain('yaml');
  });

  test('of the program loads neither TensorFlow nor the config schema', () => {
    const packages = packagesOf('cli/main.ts', false);
    expect([...packages].filter((name) => /tensorflow|tokenizers|zod|yaml/.test(name))).toEqual([]);
  });

  test.each(shipped.list)('for $name --help loads no TensorFlow', ({ name }) => {
    expect(tensorflow(packagesOf(`cli/${name}.ts`, false))).toEqual([]);
  });

  test.each(['evaluate', 'check', 'fetch', 'runs', 'compare'])('%s never loads TensorFlow', (name) => {
    expect(tensorflow(packagesOf(`cli/${name}.ts`, true))).toEqual([]);
  });
});
