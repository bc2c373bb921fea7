import { describe, expect, test } from '@jest/globals';
import { shipped } from '../../src/cli/commands.js';
import { importsOf, reachedFrom } from '../support/sources.js';

/** Packages that a module of src loads, itself and through its imports; `import()` counts if asked for. */
function packagesOf(file: string, dynamic: boolean): Set<string> {
  const kinds = dynamic ? (['value', 'called'] as const) : (['value'] as const);
  const loaded = [...reachedFrom([`src/${file}`], kinds)].flatMap(importsOf);
  return new Set(loaded.flatMap(({ of, isFile, kind }) => (isFile || !kinds.some((each) => each === kind) ? [] : [of]))); // prettier-ignore
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
