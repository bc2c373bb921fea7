import { describe, expect, test } from '@jest/globals';
import { cpSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { loadConfig } from '../../src/config/load.js';
import { readCorpus } from '../../src/data/corpus.js';
import { normRows } from '../support/normRows.js';
import { scoreNorm } from '../../src/eval/norm.js';
import { readSplit } from '../../src/data/split.js';
import { readFinishedRun } from '../../src/runFolder/finished.js';
import { runProgram } from '../../src/cli/program.js';
import { captureOutput } from '../support/captureOutput.js';
import { predictInto } from '../support/predicting.js';
import { metricsOf } from '../support/runFolder.js';
import { temporaryFolders } from '../support/temporaryFolder.js';
import { trainedRun } from '../support/trainedRun.js';

const folder = temporaryFolders();
const patient = 300_000; // ms, for a machine that has other things to do
const json = (file: string) => JSON.parse(readFileSync(file, 'utf8'));

describe('a finished run', () => {
  const trained = trainedRun();

  test('has all its files', () => {
    expect(
      readdirSync(trained.run)
        .filter((name) => name !== 'tensorboard')
        .sort(),
    ).toEqual(
      ['checkpoints', 'codings.json', 'config.yaml', 'evaluation.json', 'metrics.jsonl', 'normalization.json', 'normalizer', 'predictions', 'run.json', 'split.json'], // prettier-ignore
    );
    expect(readdirSync(join(trained.run, 'normalizer')).sort()).toEqual([
      'normalizer.json',
      'vectors.safetensors',
    ]);
    expect(readdirSync(join(trained.run, 'checkpoints')).sort()).toEqual(['best', 'last']);
    const model = [
      'config.json',
      'meddoprof.json',
      'model.safetensors',
      'tokenizer_config.json',
      'vocab.txt',
    ];
    expect(readdirSync(join(trained.run, 'checkpoints/best')).sort()).toEqual(model);
    expect(readdirSync(join(trained.run, 'checkpoints/last')).sort()).toEqual(
      [...model, 'state.json', 'training.safetensors'].sort(),
    );
  });

  test('has a config that gives the same run when it is loaded', async () => {
    expect((await loadConfig(join(trained.run, 'config.yaml'))).config).toEqual(trained.config);
  });

  test('has the split that its config draws', async () => {
    expect(await readSplit(join(trained.run, 'split.json'))).toEqual(
      await readSplit(trained.config.data.split!),
    );
  });

  test('says what it was made with', async () => {
    const { hash, documents } = await readCorpus(trained.corpus, trained.config.tasks);
    const { git, ...made } = json(join(trained.run, 'run.json'));
    if (git !== null) expect(git.commit).toMatch(/^[0-9a-f]{40}$/); // null outside a repository
    expect(made).toEqual({
      started: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      finished: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
      seconds: expect.any(Number),
      peakMemoryMiB: expect.any(Number),
      versions: { meddoprof: expect.stringMatching(/^\d+\.\d+\.\d+/), node: process.versions.node },
      engine: { name: expect.any(String), device: expect.any(String), description: expect.any(String) },
      hardware: { processor: expect.any(String), threads: expect.any(Number), memoryGiB: expect.any(Number) },
      corpus: { folder: trained.corpus, hash, documents: documents.length },
      seed: trained.config.seed,
      command: expect.any(Array),
    });
  });

  test('has the evaluation and predictions of every validation document', async () => {
    const { validation } = await readSplit(trained.config.data.split!);
    expect(json(join(trained.run, 'evaluation.json'))).toEqual(
      JSON.parse(JSON.stringify(trained.result.evaluation)),
    );
    expect(Object.keys(trained.result.evaluation)).toEqual(['ner', 'class', 'norm']);
    for (const task of ['task1', 'task2'])
      expect(readdirSync(join(trained.run, 'predictions', task))).toEqual(
        validation.map((name) => `${name}.ann`),
      );
  });

  test(
    'predicts the same again from raw texts, with codes in one table',
    async () => {
      const { validation } = await readSplit(trained.config.data.split!);
      const input = folder();
      for (const name of validation)
        cpSync(join(trained.corpus, 'task1', `${name}.txt`), join(input, `${name}.txt`));
      const out = join(folder(), 'predictions');
      const predicted = await predictInto(trained.run, { input, out });
      expect(readdirSync(out).sort()).toEqual(['norm.tsv', 'task1', 'task2']);
      expect(readFileSync(join(out, 'norm.tsv'), 'utf8')).toBe(
        readFileSync(join(trained.run, 'predictions/norm.tsv'), 'utf8'),
      );
      expect(predicted.codes).toBe(normRows(join(out, 'norm.tsv')).length);
      expect(predicted.codes).toBe(predicted.spans.ner); // every span is of this task and has a code
    },
    patient,
  );

  test(
    'finds the same codes for gold spans by its own folder, and none by other settings',
    async () => {
      const normalize = (...args: string[]) =>
        captureOutput(() => runProgram(['normalize', trained.run, '--json', '--quiet', ...args]));
      const { stdout } = await normalize();
      const { seconds: _, ...evaluation } = JSON.parse(stdout);
      expect(evaluation).toEqual(json(join(trained.run, 'normalization.json')));
      const { stderr, value } = await normalize('--set', 'normalization.threshold=1');
      expect(stderr).toMatch(/was built with other settings than --set asks for/);
      expect(value).toBe(2);
    },
    patient,
  );

  test('scores its codes as the official scorer does', async () => {
    const gold = normRows(join(trained.corpus, 'norm.tsv')).map((row) => ({
      ...row,
      span: row.span!,
    }));
    const { validation } = await readSplit(trained.config.data.split!);
    const predicted = normRows(join(trained.run, 'predictions/norm.tsv')).map((row) => ({
      ...row,
      span: row.span!,
    }));
    const held = gold.filter(({ filename }) => validation.includes(filename));
    expect(trained.result.evaluation!.norm).toMatchObject(scoreNorm(held, predicted));
    expect(json(join(trained.run, 'normalization.json'))).toEqual(
      JSON.parse(JSON.stringify(trained.result.codes)),
    );
    expect(trained.result.codes!.mentions).toBe(held.length);
  });

  test('is read as a finished one, with what it took', async () => {
    const { record, evaluation, epochs, codes } = await readFinishedRun(trained.run);
    expect(evaluation).toEqual(JSON.parse(JSON.stringify(trained.result.evaluation)));
    expect(codes).toEqual(JSON.parse(JSON.stringify(trained.result.codes)));
    expect(epochs).toHaveLength(trained.config.training.epochs.count);
    expect(record.finished! > record.started).toBe(true);
    expect(record.peakMemoryMiB).toBeGreaterThan(50); // Node.js alone takes that
    expect(record.seconds).toBeGreaterThanOrEqual(Math.floor(epochs.at(-1)!.seconds));
  });

  test('counts as the best checkpoint scored in validation', () => {
    const best = metricsOf(trained.run)
      .filter(({ kind, isBest }) => kind === 'epoch' && isBest)
      .at(-1)!;
    const scored = best.tasks as Record<string, { f1: number }>;
    for (const task of ['ner', 'class']) expect(trained.result.evaluation[task]!.f1).toBe(scored[task]!.f1);
  });
});
