import { describe, expect, test } from '@jest/globals';
import { existsSync, cpSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { readSplit, writeSplit } from '../../src/data/split.js';
import { InputError, UsageError } from '../../src/errors.js';
import { lockRun } from '../../src/runFolder/lock.js';
import { runToEnd } from '../support/runToEnd.js';
import { hashOf, metricsOf } from '../support/runFolder.js';
import { temporaryFolders } from '../support/temporaryFolder.js';
import { tinyRun } from '../support/tinyRun.js';
import { trainedRun } from '../support/trainedRun.js';

const folder = temporaryFolders();
const patient = 300_000; // ms, for a machine that has other things to do
const json = (file: string) => JSON.parse(readFileSync(file, 'utf8'));

describe('a finished run', () => {
  const trained = trainedRun();

  /** A copy of the run with its last checkpoint, to resume. */
  const copy = () => {
    const copied = join(folder(), 'run');
    cpSync(trained.run, copied, { recursive: true });
    return copied;
  };
  const resume = (of = copy(), changed = trained.config) => runToEnd(changed, { folder: of, resume: true });

  test('is not trained over', async () => {
    const before = hashOf(join(trained.run, 'checkpoints/last/state.json'));
    await expect(runToEnd(trained.config, { folder: trained.run, resume: false })).rejects.toThrow(
      UsageError,
    );
    await expect(runToEnd(trained.config, { folder: trained.run, resume: false })).rejects.toThrow(
      /--resume/,
    );
    expect(hashOf(join(trained.run, 'checkpoints/last/state.json'))).toBe(before);
  });

  test(
    'is evaluated again when it is resumed, with nothing trained',
    async () => {
      const copied = copy();
      rmSync(join(copied, 'evaluation.json'));
      const again = await resume(copied);
      expect(again).toEqual({ ...trained.result, folder: copied });
      expect(metricsOf(copied)).toEqual(metricsOf(trained.run));
    },
    patient,
  );

  test(
    'gets the best checkpoint that it was killed before',
    async () => {
      const copied = copy();
      rmSync(join(copied, 'checkpoints/best'), { recursive: true });
      const state = json(join(copied, 'checkpoints/last/state.json'));
      state.progress.best.epoch = state.progress.epoch - 1;
      writeFileSync(join(copied, 'checkpoints/last/state.json'), JSON.stringify(state));
      await resume(copied);
      expect(hashOf(join(copied, 'checkpoints/best/model.safetensors'))).toBe(
        hashOf(join(copied, 'checkpoints/last/model.safetensors')),
      );
    },
    patient,
  );

  test('is not resumed with another config; the option is named', async () => {
    const training = { ...trained.config.training, weightDecay: 0.5 };
    await expect(resume(copy(), { ...trained.config, training })).rejects.toThrow(
      /config\.yaml .*training\.weightDecay was 0\.01 and is 0\.5/,
    );
    await expect(resume(copy(), { ...trained.config, training })).rejects.toThrow(UsageError);
    const tasks = Object.fromEntries(Object.entries(trained.config.tasks).toReversed());
    await expect(resume(copy(), { ...trained.config, tasks })).rejects.toThrow(/the order of tasks was \["ner","class"\]/); // prettier-ignore
  });

  test('is not resumed with a corpus that has changed', async () => {
    const copied = copy();
    const state = json(join(copied, 'run.json'));
    state.corpus.hash = 'other';
    writeFileSync(join(copied, 'run.json'), JSON.stringify(state));
    await expect(resume(copied)).rejects.toThrow(/corpus has changed since/);
    await expect(resume(copied)).rejects.toThrow(InputError);
  });

  test('is not resumed with a split that has changed', async () => {
    const split = await readSplit(trained.config.data.split!);
    const [moved, ...training] = split.training;
    const copied = copy();
    await writeSplit(join(copied, 'split.json'), {
      ...split,
      training,
      validation: [...split.validation, moved!],
    });
    await expect(resume(copied)).rejects.toThrow(/data\.split holds out other documents/);
  });

  test(
    'is not resumed with pieces that are others by now',
    async () => {
      const root = folder();
      const vocabulary = join(root, 'vocab.txt');
      const { config, out } = await tinyRun(root, { encoder: { ...trained.config.encoder, vocabulary } });
      const pieces = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]', 'de', 'la', 'que', 'con'];
      writeFileSync(vocabulary, pieces.join('\n'));
      await runToEnd(config, { folder: out, resume: false });
      writeFileSync(vocabulary, [...pieces.slice(0, 5), ...pieces.slice(5).reverse()].join('\n'));
      const resumed = runToEnd(config, { folder: out, resume: true });
      await expect(resumed).rejects.toThrow(`${vocabulary} has changed since the run was started`);
      await expect(resumed).rejects.toThrow(InputError);
    },
    patient,
  );

  test('is not resumed from a checkpoint whose state is damaged, and says so in failure.json', async () => {
    const copied = copy();
    const state = join(copied, 'checkpoints/last/state.json');
    const whole = readFileSync(state);
    writeFileSync(state, '{"format": 1, "prog');
    await expect(resume(copied)).rejects.toThrow(
      /last\/state\.json cannot be read as the state of a training/,
    );
    const failure = () => JSON.parse(readFileSync(join(copied, 'failure.json'), 'utf8')) as object;
    expect(failure()).toMatchObject({
      message: expect.stringContaining('cannot be read as the state of a training'),
    });
    writeFileSync(state, whole);
    await resume(copied);
    expect(failure).toThrow(/ENOENT/);
  });

  test('is not resumed while another process trains in it, and stays as it is', async () => {
    const copied = copy();
    const unlock = await lockRun(join(copied, 'lock.json'));
    await expect(resume(copied)).rejects.toThrow(/has been training in this folder since/);
    expect(existsSync(join(copied, 'lock.json'))).toBe(true);
    unlock();
  });
});
