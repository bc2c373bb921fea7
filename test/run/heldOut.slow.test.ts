import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { createContext } from '../../src/context.js';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Config } from '../../src/config/schema.js';
import { readCorpus } from '../../src/data/corpus.js';
import { readSplit } from '../../src/data/split.js';
import { openPredictor } from '../../src/predict/open.js';
import { reportOfRun } from '../../src/report/run.js';
import { readFinishedRun } from '../../src/runFolder/finished.js';
import { planRun } from '../../src/run/plan.js';
import { readStatus } from '../../src/runFolder/status.js';
import type { RunResult } from '../../src/run/events.js';
import { runToEnd } from '../support/runToEnd.js';
import { hashOf, metricsOf } from '../support/runFolder.js';
import { tinyRun } from '../support/tinyRun.js';

const patient = 300_000; // ms, for a machine that has other things to do
const model = (run: string, which: string) => join(run, 'checkpoints', which, 'model.safetensors');

describe('the run of a fold', () => {
  let root: string;
  let run: string;
  let config: Config;
  let result: RunResult;
  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), 'meddoprof-'));
    const data = { split: null, folds: 3, fold: 2, validationShare: 0.25 };
    ({ config, out: run } = await tinyRun(root, { data }));
    result = await runToEnd(config, { folder: run, resume: false });
  }, patient);
  afterAll(() => rmSync(root, { recursive: true }));

  test('scores the documents of the fold, and no others', async () => {
    const { test: fold = [], training, validation } = await readSplit(join(run, 'split.json'));
    expect([training.length, validation.length, fold.length]).toEqual([6, 2, 4]);
    const files = readdirSync(join(run, 'predictions/task1')).filter((name) => name.endsWith('.ann'));
    expect(files).toEqual(fold.map((name) => `${name}.ann`));
    const { documents } = await readCorpus(config.data.corpus, config.tasks, { norm: config.data.norm });
    const gold = documents.filter(({ name }) => fold.includes(name)).flatMap(({ spans }) => spans.ner!);
    const { truePositives, falseNegatives } = result.evaluation.ner!;
    expect(truePositives + falseNegatives).toBe(gold.length);
  });

  test(
    'is that of the same split given as a file, to the bit',
    async () => {
      const data = { ...config.data, split: join(run, 'split.json'), folds: null, fold: null };
      const byHand = join(root, 'by-hand');
      const other = await runToEnd({ ...config, data }, { folder: byHand, resume: false });
      expect(hashOf(model(byHand, 'best'))).toBe(hashOf(model(run, 'best')));
      expect(other.evaluation).toEqual(result.evaluation);
      expect(readFileSync(join(byHand, 'split.json'))).toEqual(readFileSync(join(run, 'split.json')));
    },
    patient,
  );

  test('is planned with the documents of its three sides', async () => {
    expect((await planRun(config)).documents).toEqual({ training: 6, validation: 2, scored: 4 });
  });
});

describe('a run that holds no document out', () => {
  let root: string;
  let run: string;
  let config: Config;
  let result: RunResult;
  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), 'meddoprof-'));
    ({ config, out: run } = await tinyRun(root, { data: { split: null, validationShare: 0 } }, 6));
    result = await runToEnd(config, { folder: run, resume: false });
  }, patient);
  afterAll(() => rmSync(root, { recursive: true }));

  test('trains on all, and has the last checkpoint for the best', async () => {
    expect(await readSplit(join(run, 'split.json'))).toMatchObject({ validation: [] });
    expect(hashOf(model(run, 'best'))).toBe(hashOf(model(run, 'last')));
    expect(metricsOf(run).filter(({ kind }) => kind === 'epoch')).toHaveLength(2);
  });

  test('is finished, without scores', async () => {
    expect(result.evaluation).toEqual({});
    expect(await readStatus(run)).toMatchObject({ state: 'finished', f1: {}, epoch: { done: 2, of: 2 } });
    expect(existsSync(join(run, 'predictions'))).toBe(false);
    await expect(readFinishedRun(run)).rejects.toThrow(
      `${run} was trained on all documents (data.validationShare: 0): none is held out`,
    );
  });

  test('has a model that predicts, and what finds codes', async () => {
    const predictor = await openPredictor(join(run, 'checkpoints/best'), {}, createContext());
    predictor.dispose();
    expect(existsSync(join(run, 'normalizer/normalizer.json'))).toBe(true);
  });

  test('is planned with what cannot be done', async () => {
    const { documents, notices } = await planRun(config);
    expect(documents).toEqual({ training: 6, validation: 0, scored: 0 });
    expect(notices.join('\n')).toMatch(/checkpoint of the last one is kept .*\n.*there are no scores/s);
  });
});

test(
  'a fold with all others to train on takes the last epoch, and has its scores and a report',
  async () => {
    const root = mkdtempSync(join(tmpdir(), 'meddoprof-'));
    const data = { split: null, folds: 2, fold: 1, validationShare: 0 };
    const { config, out: run } = await tinyRun(root, { data }, 6);
    const { evaluation } = await runToEnd(config, { folder: run, resume: false });
    expect(hashOf(model(run, 'best'))).toBe(hashOf(model(run, 'last')));
    expect(Object.keys(evaluation!)).toEqual(expect.arrayContaining(['ner', 'class']));
    const { summary, documents } = await reportOfRun(await readFinishedRun(run));
    expect(summary).toMatchObject({ documents: { training: 3, validation: 3 } });
    expect(documents.documents.map(({ name }) => name)).toEqual(
      (await readSplit(join(run, 'split.json'))).test,
    );
    expect(summary.learning.epochs.map(({ tasks }) => tasks)).toEqual([{}, {}]);
    rmSync(root, { recursive: true });
  },
  patient,
);
