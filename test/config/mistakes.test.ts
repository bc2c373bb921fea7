import { describe, expect, test } from '@jest/globals';
import { dirname } from 'node:path';
import { loadConfig } from '../../src/config/load.js';
import { UsageError } from '../../src/errors.js';
import { smallestConfig, writeFiles } from '../support/configFiles.js';
import { temporaryFolders } from '../support/temporaryFolder.js';

const folder = temporaryFolders();

/** The error that a config gives, without the folder's name. The smallest config is its base.yaml. */
async function mistake(text: string, set: string[] = [], name = 'my.yaml'): Promise<string> {
  const file = writeFiles(folder(), { 'my.yaml': text, 'base.yaml': smallestConfig });
  try {
    await loadConfig(file.replace('my.yaml', name), { set });
  } catch (error) {
    expect(error).toBeInstanceOf(UsageError);
    return (error as Error).message.replaceAll(`${dirname(file)}/`, '');
  }
  throw new Error('the config was taken');
}
const onBase = (text: string, ...set: string[]) => mistake(`extends: base.yaml\n${text}`, set);

describe('a config file that is', () => {
  test.each([
    ['empty', '# nothing\n', 'my.yaml: the config is empty; start from configs/default.yaml'],
    ['a list', '- a\n', 'my.yaml: a config is made of lines `key: value`, and this is something else'],
    [
      'indented with a tab',
      'data:\n\tcorpus: x\n',
      'my.yaml:2: a tab indents this line; YAML allows spaces only',
    ],
    ['broken', 'seed: [1\n', /^my\.yaml:\d: this is not YAML: flow sequence .* end with a \]$/],
    ['nested without end', 'a: &x\n  b: *x\n', 'my.yaml:2: the values are nested without end'],
    ['two documents', 'seed: 1\n---\nseed: 2\n', /^my\.yaml:2: a second document begins here/],
  ])('%s is told with its line', async (_, text, message) => {
    expect(await mistake(text)).toEqual(
      typeof message === 'string' ? message : expect.stringMatching(message),
    );
  });

  test('missing is told with the nearest name', async () => {
    expect(await mistake('', [], 'bsae.yaml')).toBe(
      'bsae.yaml: there is no such config file; did you mean base.yaml?',
    );
  });

  test('extending a missing one, or itself, is told with the file that does', async () => {
    expect(await mistake('extends: other/none.yaml')).toBe(
      'my.yaml: extends other/none.yaml: there is no such config file',
    );
    expect(await mistake('extends: my.yaml')).toMatch(
      /^my\.yaml: extends goes in a circle, .* > .*my\.yaml; /,
    );
    expect(await mistake('seed: 1\nextends: 3')).toBe(
      'my.yaml:2: extends must be the path of one config file',
    );
  });

  test('a folder is told', async () => {
    await expect(loadConfig(folder())).rejects.toThrow(/this is a folder; name a config file in it$/);
  });
});

describe('a key', () => {
  test.each([
    [
      'of other case',
      'training: { batchsize: 8 }',
      'training.batchsize is unknown; did you mean training.batchSize?',
    ],
    [
      'with underscores',
      'training: { batch_size: 8 }',
      'training.batch_size is unknown; did you mean training.batchSize?',
    ],
    [
      'with letters swapped',
      'training: { scheduel: null }',
      'training.scheduel is unknown; did you mean training.schedule?',
    ],
    [
      'of another section',
      'model: { batchSize: 8 }',
      'model.batchSize is unknown; did you mean training.batchSize?',
    ],
    [
      'of two other sections',
      'training: { rate: 1 }',
      'training.rate is unknown; did you mean training.epochs.rate or training.schedule[].rate?',
    ],
    ['at the top', 'encodre: {}', 'encodre is unknown; did you mean encoder?'],
    [
      'like no other',
      'tasks: { ner: { zzzzzz: 1 } }',
      'tasks.ner.zzzzzz is unknown; the keys here are folder, labels',
    ],
  ])('%s is told with the nearest known one', async (_, text, message) => {
    expect(await onBase(text)).toBe(`my.yaml:2: ${message}`);
  });

  test('that stands twice is told with its second line', async () => {
    expect(await onBase('model:\n  dropout: 0\n  dropout: 1')).toBe(
      'my.yaml:4: dropout stands twice in its section; keep one of them',
    );
  });

  test('that must be there is told with what it is for', async () => {
    expect(await mistake('tasks: { ner: { folder: a, labels: [B] } }\ndata:\n  norm: x')).toBe(
      'my.yaml:2: data.corpus is missing (the corpus: a brat folder with one per task, or another format); it must be text',
    );
  });
});

describe('a value', () => {
  test.each([
    ['training: { batchSize: 0 }', 'training.batchSize is 0; it must be a whole number from 1 to 65536'],
    ['seed: 1.5', 'seed is 1.5; it must be a whole number from 0 to 2147483647'],
    ['model: { scheme: BIOES }', 'model.scheme is "BIOES"; it must be IO, BIO or BIOU'],
    ['model: { dropout: 1 }', 'model.dropout is 1; it must be a number of at least 0 and below 1'],
    ['training: { cacheFrozen: yes }', 'training.cacheFrozen is "yes"; it must be true or false'],
    ['training: { clipNorm: .inf }', 'training.clipNorm is Infinity; it must be a number above 0, or null'],
    ['encoder: big', /^encoder is "big"; it must be a section with weights, vocabulary, layers, /],
    [
      'training: { epochs: { frozen: [head] } }',
      'training.epochs.frozen is ["head"]; it must be encoder, or a list of: embeddings, or a whole number from 0 to 1000',
    ],
    [
      'training: { schedule: [{ windows: all, rate: 1 }] }',
      'training.schedule[0].windows is "all"; it must be positive or full',
    ],
    ['data: { corpus: "" }', 'data.corpus is empty; give it a value'],
    ['tasks: { ner: { labels: [] } }', 'tasks.ner.labels is an empty list; it needs at least one entry'],
    ['tasks: { ner: { labels: [3] } }', 'tasks.ner.labels[0] is 3; it must be text'],
    [
      'tasks: { ner: { labels: [a b] } }',
      'tasks.ner.labels[0] is "a b": a label has no spaces and no semicolons',
    ],
    [
      'tasks: { n-er: { folder: x, labels: [A] } }',
      /^tasks\.n-er has a name that is not allowed: a task is named/,
    ],
    ['data: { corpus: *.txt }', '*.txt stands for nothing here; put text that begins with * in quotes'],
  ])('%s is told with what is allowed', async (text, message) => {
    const told = await onBase(text);
    expect(told).toMatch(/^my\.yaml:2: /);
    expect(told.slice('my.yaml:2: '.length)).toEqual(
      typeof message === 'string' ? message : expect.stringMatching(message),
    );
  });

  test('in an extended file is told with that file', async () => {
    const file = writeFiles(folder(), { 'a.yaml': 'extends: b.yaml', 'b.yaml': `${smallestConfig}seed: x` });
    await expect(loadConfig(file)).rejects.toThrow(/b\.yaml:6: seed is "x"/);
  });

  test('of --set is told with the option', async () => {
    expect(await onBase('', 'training.batchSize=x')).toBe(
      '--set training.batchSize=x: training.batchSize is "x"; it must be a whole number from 1 to 65536',
    );
    expect(await onBase('', 'batchsize=8')).toBe(
      '--set batchsize=8: batchsize is unknown; did you mean training.batchSize?',
    );
    expect(await onBase('', 'seed=[1')).toMatch(/^--set seed=\[1: this is not YAML: /);
    expect(await onBase('', 'seed')).toBe(
      '--set seed: write it as section.key=value, --set training.batchSize=8',
    );
  });

  test('and every other mistake is told at once, in the order of the lines', async () => {
    expect(await onBase('model:\n  scheme: X\nseed: -1\ntraining: { batchsize: 8 }')).toBe(
      [
        'the config has 3 mistakes',
        '  my.yaml:3: model.scheme is "X"; it must be IO, BIO or BIOU',
        '  my.yaml:4: seed is -1; it must be a whole number from 0 to 2147483647',
        '  my.yaml:5: training.batchsize is unknown; did you mean training.batchSize?',
      ].join('\n'),
    );
  });
});
