import { describe, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import { symlinkSync, truncateSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { loadConfig } from '../../src/config/load.js';
import { type OptionSchema, rootSchema } from '../../src/config/options.js';
import { UsageError } from '../../src/errors.js';
import { loadExperiment } from '../../src/experiment/load.js';
import { smallestConfig, writeFiles } from '../support/configFiles.js';
import { temporaryFolders } from '../support/temporaryFolder.js';

const folder = temporaryFolders();
const write = (text: string) => writeFiles(folder(), { 'my.yaml': text, 'base.yaml': smallestConfig });

/** What is told of a file, without the folder's name. */
async function mistake(file: string, set: string[] = [], load = loadConfig): Promise<string> {
  const error = await load(file, { set }).then(
    () => undefined,
    (error: unknown) => error,
  );
  expect(error).toBeInstanceOf(UsageError);
  return (error as Error).message.replaceAll(`${dirname(file)}/`, '');
}
const loadOther: typeof loadConfig = async (file) => (await loadExperiment(file)) as never;

/** Lists of nine, each of aliases of the one before: nine to the power of `depth` values. */
const bomb = (depth: number) => [
  'a0: &a0 [x,x,x,x,x,x,x,x,x]',
  ...Array.from({ length: depth - 1 }, (_, i) => `a${i + 1}: &a${i + 1} [${`*a${i},`.repeat(9)}]`),
];
const tooMany = 'more than 50,000 values, with those behind aliases (*); take some out';

describe('aliases of aliases', () => {
  test.each([
    ['a config', loadConfig],
    ['an experiment', loadOther],
  ])('in %s are told, and not written out', async (_, load) => {
    expect(await mistake(write(bomb(12).join('\n')), [], load)).toMatch(
      new RegExp(`^my\\.yaml:\\d+: ${tooMany.replace(/[(*)]/g, '\\$&')}$`),
    );
  });

  test('in --set are told with the option, cut short', async () => {
    const set = `data={${bomb(12).join(', ')}}`;
    expect(await mistake(write('extends: base.yaml'), [set])).toBe(`--set ${set.slice(0, 200)}…: ${tooMany}`);
  });

  test('that are few stand for what was last called so before them', async () => {
    const file = write(
      'extends: base.yaml\nmodel:\n  head: spans\n  lstmUnits: &n 3\n  spans: { longest: *n, size: &n 8 }\ntraining: { batchSize: *n }',
    );
    const { config } = await loadConfig(file);
    expect([config.model.spans.longest, config.training.batchSize]).toEqual([3, 8]);
  });
});

test.each([
  ['[', 'lists in one line'],
  ['{a: ', 'mappings in one line'],
  ['- ', 'lists in blocks'],
])('%s without end is told: %s', async (open) => {
  expect(await mistake(write(`a: ${open === '- ' ? '\n  ' : ''}${open.repeat(20_000)}`))).toBe(
    'my.yaml:1: the values are nested without end',
  );
});

test.each([
  ['mappings in mappings', `seed: 1\n${'? '.repeat(28)}x`],
  ['a list', 'seed: 1\n[a, b]: 1'],
  ['an alias', 'seed: &a 1\n*a : 1'],
])('a key that is no text but %s is told', async (_, text) => {
  expect(await mistake(write(text))).toBe(
    'my.yaml:2: a name of a value is a list, a mapping or an alias; write it as plain text',
  );
});

test('thousands of lines that stand too far to the right are told', async () => {
  expect(await mistake(write(`a:\n  b: 2\n${'    rate: 1\n'.repeat(20_000)}c: 1\n`))).toMatch(
    /^my\.yaml:1: .*\bnested\b/,
  );
});

test('fifteen thousand unknown keys are counted, and the first of them told', async () => {
  const keys = Array.from({ length: 15_000 }, (_, i) => `batchSiz${i}: 1\n`);
  const lines = (await mistake(write(`extends: base.yaml\n${keys.join('')}`))).split('\n');
  expect(lines[0]).toBe('the config has 15000 mistakes');
  expect(lines[1]).toBe('  my.yaml:2: batchSiz0 is unknown; did you mean training.batchSize?');
  expect(lines).toHaveLength(52);
  expect(lines.at(-1)).toBe('  and 14950 more');
});

test('twenty thousand keys that stand twice, and labels that do, are told as few', async () => {
  expect(await mistake(write('seed: 1\n'.repeat(20_000)))).toMatch(/^the config has \d+ mistakes\n/);
  const labels = `tasks: { ner: { folder: x, labels: [${'A,'.repeat(20_000)}] } }\ndata: { corpus: x }`;
  expect((await mistake(write(labels))).split('\n').at(-1)).toBe('  and 19949 more');
});

describe('in place of a config or of what it extends,', () => {
  const made: [string, (file: string) => void, RegExp][] = [
    ['a pipe', (file) => execFileSync('mkfifo', [file]), /it is a pipe, and no file/],
    ['a device', (file) => symlinkSync('/dev/zero', file), /it is a device, and no file/],
    ['a link to itself', (file) => symlinkSync(file, file), /it is a link that leads back to itself/],
    [
      'a file of gigabytes',
      (file) => {
        writeFiles(dirname(file), { 'other.yaml': '' });
        truncateSync(file, 3 * 2 ** 30);
      },
      /too large to be what it should: it has 3072 MiB, and at most 256 KiB are read/,
    ],
  ];
  test.each(made)('%s is told', async (_, make, message) => {
    const file = write('extends: other.yaml');
    const other = join(dirname(file), 'other.yaml');
    make(other);
    expect(await mistake(file)).toMatch(new RegExp(`^my\\.yaml: extends: other\\.yaml.*${message.source}`));
    expect(await mistake(other)).toMatch(message);
    expect(await mistake(other, [], loadOther)).toMatch(message);
  });

  test('a name with a NUL, or one too long, is told', async () => {
    expect(await mistake(write('extends: "a\\0b"'))).toMatch(/no file has a name with a NUL character in it/);
    expect(await mistake(write(`extends: ${'a'.repeat(300)}`))).toMatch(/its name is too long for a file/);
  });

  test('a chain of a hundred files is told', async () => {
    const files = Object.fromEntries(
      Array.from({ length: 100 }, (_, i) => [`c${i}.yaml`, `extends: c${i + 1}.yaml`]),
    );
    expect(await mistake(writeFiles(folder(), files))).toBe(
      'c0.yaml: more than 20 files extend one another; take some out',
    );
  });
});

test('a value that YAML makes of a tag is told', async () => {
  expect(await mistake(write('extends: base.yaml\nseed: !!binary aGVsbG8='))).toBe(
    'my.yaml:2: the tag !!binary is not known here; write plain text or a number',
  );
});

test('an experiment of more runs than a cluster takes is told before any is looked at', async () => {
  const seeds = Array.from({ length: 501 }, (_, i) => i).join(',');
  const text = `seeds: [${seeds}]\nvariants: { a: { config: my.yaml }, b: { config: my.yaml } }`;
  expect(await mistake(write(text), [], loadOther)).toBe(
    'my.yaml:1: seeds and variants make 1002 runs; an experiment has at most 1000',
  );
  const folds =
    'folds: 100\nseeds: [1, 2, 3, 4, 5, 6]\nvariants: { a: { config: my.yaml }, b: { config: my.yaml } }';
  expect(await mistake(write(folds), [], loadOther)).toBe(
    'my.yaml:1: folds of each seed and variant make 1200 runs; an experiment has at most 1000',
  );
});

describe('a whole number', () => {
  test.each([
    'training: { epochs: { count: 1e9 } }',
    'training: { batchSize: 1e9 }',
    'training: { accumulate: 1e9 }',
    'training: { warmupSteps: 1e15 }',
    'encoder: { random: { layers: 1e9 } }',
    'encoder: { random: { vocabularySize: 1e9 } }',
    'model: { lstmUnits: 1e9 }',
    'model: { spans: { size: 1e9 } }',
    'data: { windowStride: 1e9 }',
    'normalization: { classifier: { ngrams: [1, 1e9] } }',
    'augmentation: { tries: 1e9 }',
  ])('without end is told with what it can be: %s', async (text) => {
    expect(await mistake(write(`extends: base.yaml\n${text}`))).toMatch(
      /^my\.yaml:2: [\w.[\]]+ is \d+; it must be a whole number from \d+ to \d+$/,
    );
  });

  test('has a ceiling in every option of the config', () => {
    const open: string[] = [];
    const look = (schema: OptionSchema, path: string): void => {
      if (schema.type === 'integer' && (schema.maximum ?? Infinity) > 2 ** 31) open.push(path);
      for (const [key, child] of Object.entries(schema.properties ?? {})) look(child, `${path}.${key}`);
      const { items, prefixItems = [], additionalProperties, anyOf = [] } = schema;
      const inside = [items, additionalProperties, ...anyOf, ...prefixItems];
      for (const child of inside) if (child) look(child, path);
    };
    look(rootSchema, '');
    expect(open).toEqual([]);
  });

  test('of joint outputs is the product of the labels', async () => {
    const labels = Array.from({ length: 99 }, (_, i) => `L${i}`).join(',');
    const tasks = ['a', 'b', 'c'].map((task) => `  ${task}: { folder: ${task}, labels: [${labels}] }`);
    const text = `model: { outputs: joint }\ndata: { corpus: x }\ntasks:\n${tasks.join('\n')}`;
    expect(await mistake(write(text))).toMatch(
      /^my\.yaml:1: model\.outputs is joint, and the tasks' labels have 1000000 combinations; /,
    );
  });

  test.each([
    [
      'scheme: BIO',
      128,
      'the labels of a task have 257 tags; more than 256 are not learned; take fewer labels or',
    ],
    ['scheme: IO, crf: { agree: true }', 16, 'the combinations of labels have 257 tags; '],
    ['scheme: IO, outputs: joint', 16, 'the combinations of labels have 257 tags; '],
  ])('of a chain of tags is a byte (%s)', async (model, count, message) => {
    const labels = Array.from({ length: count }, (_, i) => `L${i}`).join(',');
    const tasks = ['a', 'b'].map((task) => `  ${task}: { folder: ${task}, labels: [${labels}] }`);
    const text = `model: { head: crf, ${model} }\ndata: { corpus: x }\ntasks:\n${tasks.join('\n')}`;
    expect(await mistake(write(text))).toContain(`my.yaml:1: model.head is crf, and ${message}`);
  });
});
