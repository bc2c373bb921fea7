import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  existsSync,
  appendFileSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '../../src/config/load.js';
import type { Config } from '../../src/config/schema.js';
import { readCorpus } from '../../src/data/corpus.js';
import { readNorm } from '../../src/data/norm.js';
import { scoreNorm } from '../../src/eval/norm.js';
import { predictFolder } from '../../src/predict/predictFolder.js';
import { readSplit, writeSplit } from '../../src/data/split.js';
import { InputError, UsageError } from '../../src/errors.js';
import { createContext } from '../../src/context.js';
import { openSafetensors } from '../../src/model/weights/safetensors.js';
import { sizeOf } from '../../src/model/weights/weightFile.js';
import { readFinishedRun } from '../../src/runFolder/finished.js';
import { lockRun } from '../../src/runFolder/lock.js';
import { planRun } from '../../src/run/plan.js';
import type { RunResult } from '../../src/run/events.js';
import { runToEnd } from '../support/runToEnd.js';
import type { EpochEvent, StepEvent, TrainingEvent } from '../../src/train/events.js';
import { runProgram } from '../../src/cli/program.js';
import { captureOutput } from '../support/captureOutput.js';
import { hashOf, metricsOf } from '../support/runFolder.js';
import { temporaryFolders } from '../support/temporaryFolder.js';
import { tinyRun } from '../support/tinyRun.js';

const folder = temporaryFolders();
const patient = 300_000; // ms, for a machine that has other things to do
const json = (file: string) => JSON.parse(readFileSync(file, 'utf8'));

describe('a finished run', () => {
  let root: string;
  let config: Config;
  let corpus: string;
  let run: string;
  let result: RunResult;
  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), 'meddoprof-'));
    ({ config, corpus, out: run } = await tinyRun(root));
    result = await runToEnd(config, { folder: run, resume: false });
  }, patient);
  afterAll(() => rmSync(root, { recursive: true }));

  /** A copy of the run with its last checkpoint, to resume. */
  const copy = () => {
    const copied = join(folder(), 'run');
    cpSync(run, copied, { recursive: true });
    return copied;
  };
  const resume = (of = copy(), changed = config) => runToEnd(changed, { folder: of, resume: true });

  test('has all its files', () => {
    expect(
      readdirSync(run)
        .filter((name) => name !== 'tensorboard')
        .sort(),
    ).toEqual(
      ['checkpoints', 'codings.json', 'config.yaml', 'evaluation.json', 'metrics.jsonl', 'normalization.json', 'normalizer', 'predictions', 'run.json', 'split.json'], // prettier-ignore
    );
    expect(readdirSync(join(run, 'normalizer')).sort()).toEqual(['normalizer.json', 'vectors.safetensors']);
    expect(readdirSync(join(run, 'checkpoints')).sort()).toEqual(['best', 'last']);
    const model = [
      'config.json',
      'meddoprof.json',
      'model.safetensors',
      'tokenizer_config.json',
      'vocab.txt',
    ];
    expect(readdirSync(join(run, 'checkpoints/best')).sort()).toEqual(model);
    expect(readdirSync(join(run, 'checkpoints/last')).sort()).toEqual(
      [...model, 'state.json', 'training.safetensors'].sort(),
    );
  });

  test('has a config that gives the same run when it is loaded', async () => {
    expect((await loadConfig(join(run, 'config.yaml'))).config).toEqual(config);
  });

  test('has the split that its config draws', async () => {
    expect(await readSplit(join(run, 'split.json'))).toEqual(await readSplit(config.data.split!));
  });

  test('says what it was made with', async () => {
    const { hash, documents } = await readCorpus(corpus, config.tasks);
    const { git, ...made } = json(join(run, 'run.json'));
    if (git !== null) expect(git.commit).toMatch(/^[0-9a-f]{40}$/); // null outside a repository
    expect(made).toEqual({
      started: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      finished: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      ...{ seconds: expect.any(Number), peakMemoryMiB: expect.any(Number) },
      versions: { meddoprof: expect.stringMatching(/^\d+\.\d+\.\d+/), node: process.versions.node },
      engine: { name: expect.any(String), device: expect.any(String), description: expect.any(String) },
      hardware: { processor: expect.any(String), threads: expect.any(Number), memoryGiB: expect.any(Number) },
      corpus: { folder: corpus, hash, documents: documents.length },
      seed: config.seed,
      command: expect.any(Array),
    });
  });

  test('has the evaluation and predictions of every validation document', async () => {
    const { validation } = await readSplit(config.data.split!);
    expect(json(join(run, 'evaluation.json'))).toEqual(JSON.parse(JSON.stringify(result.evaluation)));
    expect(Object.keys(result.evaluation)).toEqual(['ner', 'class', 'norm']);
    for (const task of ['task1', 'task2'])
      expect(readdirSync(join(run, 'predictions', task))).toEqual(validation.map((name) => `${name}.ann`));
  });

  test(
    'predicts the same again from raw texts, with codes in one table',
    async () => {
      const { validation } = await readSplit(config.data.split!);
      const input = folder();
      for (const name of validation) cpSync(join(corpus, 'task1', `${name}.txt`), join(input, `${name}.txt`));
      const out = join(folder(), 'predictions');
      const predicted = await predictFolder(
        {
          ...{ models: [[join(run, 'checkpoints/best')]], normalizer: join(run, 'normalizer') },
          ...{ input, out, batchSize: 8 },
        },
        createContext(),
      );
      expect(readdirSync(out).sort()).toEqual(['norm.tsv', 'task1', 'task2']);
      expect(readFileSync(join(out, 'norm.tsv'), 'utf8')).toBe(
        readFileSync(join(run, 'predictions/norm.tsv'), 'utf8'),
      );
      expect(predicted.codes).toBe((await readNorm(join(out, 'norm.tsv'))).length);
      expect(predicted.codes).toBe(predicted.spans.ner); // every span is of this task and has a code
    },
    patient,
  );

  test(
    'finds the same codes for gold spans by its own folder, and none by other settings',
    async () => {
      const normalize = (...args: string[]) =>
        captureOutput(() => runProgram(['normalize', run, '--json', '--quiet', ...args]));
      const { stdout } = await normalize();
      const { seconds: _, ...evaluation } = JSON.parse(stdout);
      expect(evaluation).toEqual(json(join(run, 'normalization.json')));
      const { stderr, value } = await normalize('--set', 'normalization.threshold=1');
      expect(stderr).toMatch(/was built with other settings than --set asks for/);
      expect(value).toBe(2);
    },
    patient,
  );

  test('scores its codes as the official scorer does', async () => {
    const gold = (await readNorm(join(corpus, 'norm.tsv'))).map((row) => ({ ...row, span: row.span! }));
    const { validation } = await readSplit(config.data.split!);
    const predicted = (await readNorm(join(run, 'predictions/norm.tsv'))).map((row) => ({
      ...row,
      span: row.span!,
    }));
    const held = gold.filter(({ filename }) => validation.includes(filename));
    expect(result.evaluation!.norm).toMatchObject(scoreNorm(held, predicted));
    expect(json(join(run, 'normalization.json'))).toEqual(JSON.parse(JSON.stringify(result.codes)));
    expect(result.codes!.mentions).toBe(held.length);
  });

  test('is read as a finished one, with what it took', async () => {
    const { record, evaluation, epochs, codes } = await readFinishedRun(run);
    expect(evaluation).toEqual(JSON.parse(JSON.stringify(result.evaluation)));
    expect(codes).toEqual(JSON.parse(JSON.stringify(result.codes)));
    expect(epochs).toHaveLength(config.training.epochs.count);
    expect(record.finished! > record.started).toBe(true);
    expect(record.peakMemoryMiB).toBeGreaterThan(50); // Node.js alone takes that
    expect(record.seconds).toBeGreaterThanOrEqual(Math.floor(epochs.at(-1)!.seconds));
  });

  test('counts as the best checkpoint scored in validation', () => {
    const best = metricsOf(run)
      .filter(({ kind, isBest }) => kind === 'epoch' && isBest)
      .at(-1)!;
    const scored = best.tasks as Record<string, { f1: number }>;
    for (const task of ['ner', 'class']) expect(result.evaluation[task]!.f1).toBe(scored[task]!.f1);
  });

  test('is not trained over', async () => {
    const before = hashOf(join(run, 'checkpoints/last/state.json'));
    await expect(runToEnd(config, { folder: run, resume: false })).rejects.toThrow(UsageError);
    await expect(runToEnd(config, { folder: run, resume: false })).rejects.toThrow(/--resume/);
    expect(hashOf(join(run, 'checkpoints/last/state.json'))).toBe(before);
  });

  test(
    'is evaluated again when it is resumed, with nothing trained',
    async () => {
      const copied = copy();
      rmSync(join(copied, 'evaluation.json'));
      const again = await resume(copied);
      expect(again).toEqual({ ...result, folder: copied });
      expect(metricsOf(copied)).toEqual(metricsOf(run));
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
    const training = { ...config.training, weightDecay: 0.5 };
    await expect(resume(copy(), { ...config, training })).rejects.toThrow(
      /config\.yaml .*training\.weightDecay was 0\.01 and is 0\.5/,
    );
    await expect(resume(copy(), { ...config, training })).rejects.toThrow(UsageError);
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
    const split = await readSplit(config.data.split!);
    const [moved, ...training] = split.training;
    const copied = copy();
    await writeSplit(join(copied, 'split.json'), {
      ...split,
      training,
      validation: [...split.validation, moved!],
    });
    await expect(resume(copied)).rejects.toThrow(/data\.split holds out other documents/);
  });

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

describe('a folder that cannot be trained in', () => {
  test('is one that holds something, or is a file', async () => {
    const { config, out } = await tinyRun(folder());
    mkdirSync(out);
    writeFileSync(join(out, 'notes.txt'), '');
    await expect(runToEnd(config, { folder: out, resume: false })).rejects.toThrow(/exists already/);
    await expect(runToEnd(config, { folder: join(out, 'notes.txt'), resume: false })).rejects.toThrow(
      /ENOTDIR/,
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

/** Trains, and returns what the training told on the way. */
async function events(
  config: Config,
  out: string,
): Promise<{ steps: StepEvent[]; epochs: EpochEvent[]; updated: number }> {
  const all: TrainingEvent[] = [];
  await runToEnd(config, { folder: out, resume: false }, (event) => {
    if (event.kind === 'step' || event.kind === 'epoch') all.push(event);
  });
  const last = join(out, 'checkpoints/last');
  const { updates } = json(join(last, 'state.json')) as { updates: Record<string, number> };
  const tensors = await openSafetensors(join(last, 'training.safetensors'));
  await tensors.close();
  const sizes = Object.keys(updates).map((name) =>
    updates[name]! > 0 ? sizeOf(tensors.entries.get(`${name}.first`)!.shape) : 0,
  );
  const updated = sizes.reduce((sum, size) => sum + size, 0);
  return {
    steps: all.filter((event) => event.kind === 'step'),
    epochs: all.filter((event) => event.kind === 'epoch'),
    updated,
  };
}

describe('every label scheme trains and evaluates', () => {
  const combinations = (['IO', 'BIO', 'BIOU'] as const).flatMap((scheme) =>
    (['perTask', 'joint'] as const).map((outputs) => [scheme, outputs] as const),
  );
  test.each(combinations)(
    '%s with outputs %s',
    async (scheme, outputs) => {
      const model = { scheme, outputs };
      const training = { epochs: { count: 1 } };
      const { config, out } = await tinyRun(folder(), { model, training, decoding: { threshold: 0.02 } }, 6);
      const { evaluation } = await runToEnd(config, { folder: out, resume: false });
      for (const task of ['ner', 'class']) {
        const { truePositives, falsePositives, falseNegatives } = evaluation[task]!;
        expect(truePositives + falsePositives).toBeGreaterThan(0);
        expect(truePositives + falseNegatives).toBeGreaterThan(0);
      }
      const tags = { IO: 1, BIO: 2, BIOU: 3 }[scheme];
      const [words] = metricsOf(out).filter(({ kind }) => kind === 'epoch');
      expect(Object.keys(words!.words as object)).toEqual(
        outputs === 'perTask' ? ['ner', 'class'] : ['joint'],
      );
      expect(json(join(out, 'checkpoints/best/meddoprof.json')).model).toMatchObject(model);
      expect(headSizes(join(out, 'checkpoints/best/model.safetensors'))).toEqual(
        (outputs === 'perTask' ? [3, 4] : [12]).map((labels) => labels * tags),
      );
    },
    patient,
  );
});

/** Numbers of channels by the shapes in a checkpoint's header. */
function headSizes(file: string): number[] {
  const bytes = readFileSync(file);
  const header = JSON.parse(bytes.subarray(8, 8 + Number(bytes.readBigUInt64LE())).toString()) as object;
  return Object.entries(header)
    .filter(([name]) => /^heads\..*\.bias$/.test(name))
    .map(([, { shape }]) => (shape as number[])[0]!);
}

describe('a training', () => {
  test(
    'stops where no epoch was better for as long as patience allows',
    async () => {
      const training = { epochs: { count: 9, rate: 1e-9 }, patience: 2 }; // learns nothing
      const { config, out } = await tinyRun(folder(), { training }, 6);
      const { epochs } = await events(config, out);
      expect(epochs.map(({ isBest, stopsEarly }) => [isBest, stopsEarly])).toEqual([
        [true, false],
        [false, false],
        [false, true],
      ]);
      expect(json(join(out, 'checkpoints/last/state.json')).progress).toMatchObject({
        epoch: 9,
        best: { epoch: 0 },
      });
      const resumed = await runToEnd(config, { folder: out, resume: true });
      expect(resumed).toMatchObject({ progress: { epoch: 9 } });
    },
    patient,
  );

  test(
    'does as the dry run plans: epochs, windows, steps, rates, parameters',
    async () => {
      const frozen = ['embeddings', 0];
      const training = { epochs: { count: 3, rate: 1e-4, decay: 0.5, frozen }, warmupSteps: 1 };
      const { config, out } = await tinyRun(folder(), { training }, 8);
      const plan = await planRun(config);
      const { steps, epochs, updated } = await events(config, out);
      expect(epochs).toHaveLength(plan.epochs.length);
      expect(steps).toHaveLength(plan.steps);
      expect(plan.epochs.map(({ windows }) => windows)).toEqual(['positive', 'full', 'positive']);
      for (const planned of plan.epochs) {
        const own = steps.filter(({ progress }) => progress.epoch === planned.epoch);
        expect(own).toHaveLength(planned.steps);
        expect(own.every(({ stepsOfEpoch }) => stepsOfEpoch === planned.steps)).toBe(true);
        expect(own.reduce((sum, { windows }) => sum + windows, 0)).toBe(planned.count);
        expect(new Set(own.map(({ rate }) => rate))).toEqual(new Set([planned.rate]));
        expect(planned.trainable).toBe(updated);
      }
      expect(plan.documents).toEqual({ training: 6, validation: 2, scored: 2 });
      expect(updated).toBeLessThan(plan.parameters);
    },
    patient,
  );
});

test('a run that fails before it begins leaves no folder', async () => {
  const { config, out } = await tinyRun(folder(), {}, 6);
  const data = { ...config.data, corpus: 'nowhere' };
  await expect(runToEnd({ ...config, data }, { folder: out, resume: false })).rejects.toThrow(/nowhere/);
  const backend = { ...config.backend, engine: 'cpu', device: 'gpu' } as const;
  await expect(runToEnd({ ...config, backend }, { folder: out, resume: false })).rejects.toThrow(/gpu/);
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
