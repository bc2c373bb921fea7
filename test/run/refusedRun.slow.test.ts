import { describe, expect, test } from '@jest/globals';
import { existsSync, appendFileSync, cpSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runProgram } from '../../src/cli/program.js';
import { formatConfig } from '../../src/config/format.js';
import { InputError, UsageError } from '../../src/errors.js';
import { planRun } from '../../src/run/plan.js';
import { captureOutput } from '../support/captureOutput.js';
import { runToEnd } from '../support/runToEnd.js';
import { temporaryFolders } from '../support/temporaryFolder.js';
import { tinyRun } from '../support/tinyRun.js';

const folder = temporaryFolders();

describe('a folder that cannot be trained in', () => {
  test('is one that holds something, or is a file', async () => {
    const { config, out } = await tinyRun(folder());
    mkdirSync(out);
    writeFileSync(join(out, 'notes.txt'), '');
    await expect(runToEnd(config, { folder: out, resume: false })).rejects.toThrow(
      new UsageError(`${out} is not empty: choose another --out`),
    );
    await expect(runToEnd(config, { folder: join(out, 'notes.txt'), resume: false })).rejects.toThrow(
      `${join(out, 'notes.txt')} cannot be written: it is not a folder`,
    );
    const below = join(out, 'notes.txt', 'run');
    await expect(runToEnd(config, { folder: below, resume: false })).rejects.toThrow(
      `${below} cannot be written: it is not a folder`,
    );
  });

  test('is one without a name', async () => {
    const { config } = await tinyRun(folder());
    await expect(runToEnd(config, { folder: '', resume: false })).rejects.toThrow(UsageError);
  });

  test('is one of another run, which may be resumed', async () => {
    const { config, out } = await tinyRun(folder());
    mkdirSync(out);
    writeFileSync(join(out, 'config.yaml'), '');
    await expect(runToEnd(config, { folder: out, resume: false })).rejects.toThrow(
      new UsageError(`${out} exists already: resume it with --resume ${out}, or choose another --out`),
    );
  });

  test('is one to resume that holds no run', async () => {
    const { config, out } = await tinyRun(folder());
    await expect(runToEnd(config, { folder: out, resume: true })).rejects.toThrow(UsageError);
    await expect(runToEnd(config, { folder: out, resume: true })).rejects.toThrow(
      /no run that could be resumed/,
    );
  });
});

test('a plan for a folder that cannot be trained in is refused as the training is', async () => {
  const { config, out } = await tinyRun(folder());
  const file = join(folder(), 'tiny.yaml');
  writeFileSync(file, formatConfig(config));
  mkdirSync(out);
  writeFileSync(join(out, 'config.yaml'), formatConfig(config));
  const plan = async (...args: string[]) => {
    const { stderr } = await captureOutput(() => runProgram(['train', ...args, '--dry-run']));
    process.exitCode = undefined;
    return stderr;
  };
  expect(await plan(file, '--out', out)).toContain('exists already');
  expect(await plan('--resume', out)).toBe('');
  expect(await plan('--resume', out, '--set', 'training.epochs.count=3')).toContain('was made with another config'); // prettier-ignore
});

test('a run that fails before it begins leaves no folder', async () => {
  const { config, out } = await tinyRun(folder(), {}, 6);
  const data = { ...config.data, corpus: 'nowhere' };
  await expect(runToEnd({ ...config, data }, { folder: out, resume: false })).rejects.toThrow(/nowhere/);
  const backend = { ...config.backend, engine: 'cpu', device: 'gpu' } as const;
  await expect(runToEnd({ ...config, backend }, { folder: out, resume: false })).rejects.toThrow(/gpu/);
  const weights = join(folder(), 'none');
  for (const [labels, message] of [
    [['FOO'], /no task has the label FOO/],
    [['ACTIVIDAD'], /none/],
  ] as const) {
    const augmentation = { ...config.augmentation, labels: [...labels], scoring: { ...config.augmentation.scoring, weights } }; // prettier-ignore
    await expect(runToEnd({ ...config, augmentation }, { folder: out, resume: false })).rejects.toThrow(message); // prettier-ignore
    await expect(planRun({ ...config, augmentation })).rejects.toThrow(message);
  }
  expect(existsSync(out)).toBe(false);
});

describe('a config that does not fit its files', () => {
  const weights = join(import.meta.dirname, '../fixtures/tiny-distilbert');
  const refusal = async (changes: Record<string, object>) => {
    const { config, out } = await tinyRun(folder(), changes, 6);
    return runToEnd(config, { folder: out, resume: false }).then(
      () => 'none',
      (error: InputError) => `${error.name}: ${error.message}`,
    );
  };

  test('has windows longer than the encoder has positions', async () => {
    expect(await refusal({ data: { windowPieces: 128 }, encoder: { weights } })).toMatch(
      /^UsageError: data\.windowPieces is 128, and the encoder has 64 positions/,
    );
  });

  test('has a vocabulary with ids that the weights have no rows for', async () => {
    const vocabulary = join(folder(), 'vocab.txt');
    cpSync(join(weights, 'vocab.txt'), vocabulary);
    appendFileSync(vocabulary, 'tres\ncuatro\n');
    expect(await refusal({ encoder: { weights, vocabulary } })).toMatch(
      /^InputError: .*vocab\.txt has 115 pieces, but vocab_size in .*config\.json is 113/,
    );
  });

  test('takes or freezes a layer that the encoder lacks', async () => {
    expect(await refusal({ encoder: { weights, layers: [0, 3] } })).toMatch(/layer 3, .* has layers 0 to 2/);
    expect(await refusal({ training: { epochs: { frozen: [1, 2] } } })).toMatch(
      /^UsageError: training: an epoch freezes layer 2, and the encoder has layers 0 to 1/,
    );
  });

  test('has weights that are not there', async () => {
    expect(await refusal({ encoder: { weights: 'nowhere' } })).toMatch(/^InputError: nowhere does not exist/);
  });

  test('has a table of codes or weights for them that are not there, which training would not need yet', async () => {
    expect(await refusal({ data: { codes: 'nowhere.tsv' } })).toMatch(/^InputError: .*nowhere\.tsv/);
    const embedding = { kind: 'pooledEncoder', weights: 'nowhere', weight: 1 };
    expect(await refusal({ normalization: { embedding } })).toMatch(/^InputError: .*nowhere/);
    expect(await refusal({ normalization: { task: 'none' } })).toMatch(
      /^UsageError: normalization\.task is none/,
    );
  });
});
