import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compareRuns } from '../../src/compare/compare.js';
import type { Comparison } from '../../src/compare/comparison.js';
import type { Config } from '../../src/config/schema.js';
import { createContext, type Context } from '../../src/context.js';
import { InputError, Interrupted, UsageError } from '../../src/errors.js';
import { readFinishedRun, type FinishedRun } from '../../src/runFolder/finished.js';
import { writeFinishedRun, type MadeRun } from '../support/finishedRun.js';
import { tinyRun } from '../support/tinyRun.js';

let root: string;
let config: Config;
let good: FinishedRun[];
let poor: FinishedRun[];
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'meddoprof-'));
  ({ config } = await tinyRun(root, {}, 100));
  good = [await made('good-1', { seed: 1, skill: 90 }), await made('good-2', { seed: 2, skill: 85 })];
  poor = [await made('poor-1', { seed: 1, skill: 20 })];
});
afterAll(() => rmSync(root, { recursive: true }));

async function made(name: string, options: Omit<MadeRun, 'folder'> = {}): Promise<FinishedRun> {
  return readFinishedRun(await writeFinishedRun(config, { folder: join(root, name), ...options }));
}
const fast = { resamples: 500, permutations: 500 };
const compared = (options = {}, context?: Context) =>
  compareRuns(
    [
      { name: 'good', runs: good },
      { name: 'poor', runs: poor },
    ],
    { ...fast, ...options },
    context,
  );
/** All scores of a variant, by track and label. */
const scoresOf = ({ variants }: Comparison, name: string) =>
  Object.values(variants.find((variant) => variant.name === name)!.tracks).flatMap(({ all, labels }) => [
    all,
    ...Object.values(labels),
  ]);

describe('a comparison', () => {
  test("has the runs' own official scores, and their mean and deviation", async () => {
    const { variants, tracks } = await compared();
    expect(tracks.map(({ track }) => track)).toEqual(['ner', 'class', 'norm']);
    for (const { track, labels } of tracks) {
      const { all, labels: perLabel } = variants[0]!.tracks[track]!;
      const official = good.map(({ evaluation }) => evaluation[track]!);
      expect(all.f1.runs).toEqual(official.map(({ f1 }) => f1));
      expect(all.spans).toBe(official[0]!.truePositives + official[0]!.falseNegatives);
      for (const label of labels)
        expect(perLabel[label]!.recall.runs).toEqual(
          official.map((scores) => scores.perLabel[label]!.recall),
        );
      const [a, b] = all.f1.runs as [number, number];
      expect(all.f1.mean).toBeCloseTo((a + b) / 2, 12);
      expect(all.f1.deviation).toBeCloseTo(Math.abs(a - b) / Math.SQRT2, 12); // of two values
    }
  });

  test('gives no deviation of one run', async () => {
    for (const { f1, precision } of scoresOf(await compared(), 'poor')) {
      expect(f1.deviation).toBeNull();
      expect(precision.deviation).toBeNull();
    }
  });

  test('has intervals around every mean', async () => {
    const comparison = await compared();
    for (const name of ['good', 'poor'])
      for (const { f1, precision, recall } of scoresOf(comparison, name))
        for (const { mean, interval } of [f1, precision, recall]) {
          expect(interval[0]).toBeLessThanOrEqual(mean);
          expect(interval[1]).toBeGreaterThanOrEqual(mean);
        }
  });

  test('finds that a system is worse, after the correction over all tests', async () => {
    const comparison = await compared();
    expect(comparison.statistics.tests).toBe(10); // two tasks with three and four labels, and codes
    expect(scoresOf(comparison, 'good').every(({ difference }) => difference === undefined)).toBe(true);
    const { difference } = comparison.variants[1]!.tracks.ner!.all;
    expect(difference!.f1).toBeLessThan(-0.2);
    expect(difference!.interval[1]).toBeLessThan(0);
    expect(difference!.adjusted).toBeLessThan(0.05);
    for (const { difference: one } of scoresOf(comparison, 'poor'))
      expect(one!.adjusted).toBeGreaterThanOrEqual(one!.p);
  });

  test('turns round with the baseline: the sign changes, p does not', async () => {
    const [forth, back] = [await compared(), await compared({ baseline: 'poor' })];
    for (const [i, { difference }] of scoresOf(forth, 'poor').entries()) {
      const turned = scoresOf(back, 'good')[i]!.difference!;
      expect(turned.f1).toBe(0 - difference!.f1);
      expect(turned.p).toBe(difference!.p);
      expect(turned.adjusted).toBe(difference!.adjusted);
      expect(turned.interval[0]).toBeCloseTo(-difference!.interval[1], 12);
    }
  });

  test('finds nothing between a variant and itself', async () => {
    const groups = ['a', 'b'].map((name) => ({ name, runs: good }));
    for (const { difference } of scoresOf(await compareRuns(groups, fast), 'b'))
      expect(difference).toEqual({ f1: 0, interval: [0, 0], p: 1, adjusted: 1 });
  });

  test('is the same for a seed, and another for another', async () => {
    const [one, again, other] = [await compared(), await compared(), await compared({ seed: 2 })];
    expect(again).toEqual(one);
    expect(other.variants[0]!.tracks.ner!.all.f1.interval).not.toEqual(
      one.variants[0]!.tracks.ner!.all.f1.interval,
    );
  });

  test.each(['resamples', 'exchanges'])('can be stopped among the %s', async (phase) => {
    const abort = new AbortController();
    const progress = (name: string, done: number) => {
      if (name === phase && done > 0) abort.abort();
    };
    await expect(compared({}, createContext({ signal: abort.signal, progress }))).rejects.toThrow(
      new Interrupted(`Stopped at 50 of ${phase === 'resamples' ? 1000 : 500} ${phase}`),
    );
  });

  test('keeps curves, time and memory of each run, and the published rows', async () => {
    const published = [
      { name: 'other', task: 'ner', precision: null, recall: 0.6, f1: 0.7, split: 'test' as const },
    ];
    const comparison = await compared({ published });
    expect(comparison.published).toEqual(published);
    expect(comparison.variants[0]!.runs[1]).toMatchObject({
      folder: good[1]!.folder,
      seed: 2,
      trainingSeconds: 120,
      seconds: 3600,
      peakMemoryMiB: 2048,
      curve: [
        { epoch: 0, f1: { ner: 0.4, class: 0.4 } },
        { epoch: 1, f1: { ner: 0.6, class: 0.6 } },
      ],
    });
  });
});

test('a run that no document has validated has no curve, and the time of its training', async () => {
  const runs = good.map((run) => ({ ...run, epochs: run.epochs.map((epoch) => ({ ...epoch, tasks: {} })) }));
  const { variants } = await compareRuns([{ name: 'good', runs }], fast);
  expect(variants[0]!.runs).toMatchObject(good.map(() => ({ curve: [], trainingSeconds: 120 })));
});

describe('runs that cannot be compared are refused, with the reason', () => {
  const refusal = (...runs: FinishedRun[]) =>
    compareRuns([{ name: 'all', runs }], fast).then(
      () => 'none',
      (error: Error) => `${error.name}: ${error.message.replaceAll(`${root}/`, '')}`,
    );

  test('another corpus', async () => {
    const corpus = { folder: 'elsewhere', hash: '0123456789abcdef', documents: 7 };
    const other = await made('other-corpus', { record: { corpus } });
    expect(await refusal(good[0]!, other)).toMatch(
      /^InputError: good-1 and other-corpus cannot be compared: their corpora differ, .*elsewhere \(7, 01234567\)/,
    );
  });

  test('another split', async () => {
    const other = await made('other-split');
    const [moved, ...validation] = other.split.validation;
    const split = { ...other.split, training: [...other.split.training, moved!], validation };
    expect(await refusal(good[0]!, { ...other, split })).toMatch(
      /^InputError: good-1 and other-split .* they hold out other documents \(20 and 19, of which 19 are the same\); train both with one data\.splitSeed/,
    );
  });

  test('other tasks or labels', async () => {
    const tasks = { ...config.tasks, ner: { ...config.tasks.ner!, labels: ['PROFESION'] } };
    const other = { ...(await made('other-tasks')), config: { ...config, tasks } };
    expect(await refusal(good[0]!, other)).toMatch(
      /^InputError: good-1 and other-tasks .* their tasks differ, tasks\.ner\.labels is \["PROFESION",.*\["PROFESION"\] in the other/,
    );
  });

  test('codes that count by another rule', async () => {
    const other = await made('other-codes');
    const norm = { ...other.evaluation.norm!, semantics: 'valid codes only' };
    expect(await refusal(good[0]!, { ...other, evaluation: { ...other.evaluation, norm } })).toMatch(
      /^InputError: good-1 and other-codes .* their codes are scored by other rules/,
    );
  });

  test('predictions that are not those of the evaluation', async () => {
    const { folder, split } = await made('changed');
    const files = split.validation.map((name) => join(folder, 'predictions/task1', `${name}.ann`));
    writeFileSync(
      files.find((file) => readFileSync(file, 'utf8') !== '')!,
      '',
    );
    expect(await refusal(good[0]!, await readFinishedRun(folder))).toMatch(
      /changed: its predictions give ner an F1 of 0\.\d{4}, and its evaluation\.json says 0\.\d{4}: predictions\/ have changed/,
    );
  });

  test('a corpus that has changed since, or is gone', async () => {
    const other = mkdtempSync(join(tmpdir(), 'meddoprof-'));
    const { config: own, corpus } = await tinyRun(other);
    const run = await readFinishedRun(await writeFinishedRun(own, { folder: join(other, 'run') }));
    const groups = [{ name: 'run', runs: [run] }];
    appendFileSync(join(corpus, 'norm.tsv'), '\n');
    await expect(compareRuns(groups, fast)).rejects.toThrow(
      /corpus has changed since .*run was trained: restore it/,
    );
    rmSync(corpus, { recursive: true });
    await expect(compareRuns(groups, fast)).rejects.toThrow(
      /run was trained on .*, which cannot be read: .*--set/,
    );
    await expect(compareRuns(groups, fast)).rejects.toThrow(InputError);
    const elsewhere = { ...run, config: { ...own, data: { ...own.data, corpus: 'elsewhere' } } };
    await expect(compareRuns([{ name: 'run', runs: [elsewhere] }], fast)).rejects.toThrow(
      `data.corpus=elsewhere is not where the corpus of ${run.folder} is: The corpus folder elsewhere does not exist`,
    );
    rmSync(other, { recursive: true });
  });

  test('a baseline that is none, a published row of no task', async () => {
    await expect(compared({ baseline: 'best' })).rejects.toThrow(UsageError);
    await expect(compared({ baseline: 'best' })).rejects.toThrow(/the variants are good, poor/);
    const published = [
      { name: 'x', task: 'nerc', precision: null, recall: null, f1: 0.7, split: 'test' as const },
    ];
    await expect(compared({ published })).rejects.toThrow(
      /published row x is of the task nerc, and the runs were scored in ner, class, norm/,
    );
  });
});
