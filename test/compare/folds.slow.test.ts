import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compareRuns } from '../../src/compare/compare.js';
import { openGroups } from '../../src/compare/open.js';
import type { Config } from '../../src/config/schema.js';
import { InputError } from '../../src/errors.js';
import { readCorpus } from '../../src/data/corpus.js';
import { readFinishedRun } from '../../src/runFolder/finished.js';
import { reportOfComparison } from '../../src/report/comparison.js';
import { notesOf } from '../../src/cli/compareTables.js';
import { writeFinishedRun } from '../support/finishedRun.js';
import { tinyRun } from '../support/tinyRun.js';

const FOLDS = 3;
const fast = { resamples: 200, permutations: 200 };
let root: string;
let config: Config;
const at = (name: string) => join(root, name);

/** Writes the runs of all folds: each gets as many of a hundred spans right as `skills` says. */
async function writeFolds(
  name: string,
  seed: number,
  skills: number[],
  changes: Partial<Config['data']> = {},
) {
  const folders: string[] = [];
  for (const [i, skill] of skills.entries()) {
    const data = { ...config.data, split: null, splitSeed: 4, folds: FOLDS, fold: i + 1, ...changes };
    const folder = at(`${name}-${seed}-f${i + 1}`);
    folders.push(await writeFinishedRun({ ...config, data }, { folder, seed, skill }));
  }
  return folders;
}
const open = async (folders: string[], folds?: number[]) => {
  const notices: string[] = [];
  const opened = await openGroups(folders, { set: [], folds, onNotice: (text) => void notices.push(text) });
  return { ...opened, notices };
};

let good: string[];
let poor: string[];
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'meddoprof-'));
  ({ config } = await tinyRun(root, {}, 60));
  good = [...(await writeFolds('good', 1, [90, 70, 80])), ...(await writeFolds('good', 2, [85, 80, 75]))];
  poor = await writeFolds('poor', 1, [20, 40, 30], { windowStride: 40 });
});
afterAll(() => rmSync(root, { recursive: true }));

describe('a comparison of folds', () => {
  test("has one score for each seed: of the sums of the folds' counts", async () => {
    const { groups } = await open([...good, ...poor]);
    expect(groups.map(({ name, runs }) => [name, runs.length])).toEqual([
      ['good', 6],
      ['poor', 3],
    ]);
    const { variants } = await compareRuns(groups, fast);
    expect(variants.map(({ seeds }) => seeds)).toEqual([[1, 2], [1]]);
    const runs = await Promise.all(good.map((folder) => readFinishedRun(folder)));
    for (const [i, seed] of [1, 2].entries())
      for (const track of ['ner', 'class', 'norm']) {
        const own = runs
          .filter((run) => run.config.seed === seed)
          .map(({ evaluation }) => evaluation[track]!);
        const sum = (kind: 'truePositives' | 'falsePositives' | 'falseNegatives') =>
          own.reduce((total, scores) => total + scores[kind], 0);
        const [right, wrong, missed] = [sum('truePositives'), sum('falsePositives'), sum('falseNegatives')];
        const { all } = variants[0]!.tracks[track]!;
        expect(all.f1.runs[i]).toBeCloseTo((2 * right) / (2 * right + wrong + missed), 12);
        expect(all.precision.runs[i]).toBeCloseTo(right / (right + wrong), 12);
        expect(all.spans).toBe(right + missed);
      }
  });

  test('counts every document and every span of the corpus once', async () => {
    const { documents } = await readCorpus(config.data.corpus, config.tasks, { norm: config.data.norm });
    const comparison = await compareRuns((await open([...good, ...poor])).groups, fast);
    expect(comparison).toMatchObject({ validation: 60, folds: FOLDS });
    const gold = documents.flatMap(({ spans }) => spans.ner!);
    const { all, labels } = comparison.variants[1]!.tracks.ner!;
    expect(all.spans).toBe(gold.length);
    for (const [label, { spans }] of Object.entries(labels))
      expect(spans).toBe(gold.filter((span) => span.label === label).length);
  });

  test('finds which is worse, over all documents', async () => {
    const { variants } = await compareRuns((await open([...good, ...poor])).groups, fast);
    const { f1, adjusted } = variants[1]!.tracks.ner!.all.difference!;
    expect(f1).toBeLessThan(-0.2);
    expect(adjusted).toBeLessThan(0.05);
  });

  test('of one variant alone has its scores', async () => {
    const { groups } = await open(poor);
    const { variants, statistics } = await compareRuns(groups, fast);
    expect(variants.map(({ name }) => name)).toEqual(['poor']);
    expect(statistics.tests).toBe(0);
  });

  test('leaves a seed out that lacks a fold, and says so', async () => {
    const { groups, notices } = await open([...good.slice(0, 5), ...poor]);
    expect(groups.map(({ runs }) => runs.length)).toEqual([3, 3]);
    expect(notices).toEqual(['Left out: good, seed 2, lacks the runs of the folds 3.']);
    await expect(open(good.slice(0, 2))).rejects.toThrow('no variant has the runs of all of its folds yet');
  });

  test('is none where one run alone is left, and says what the others lack', async () => {
    const whole = await writeFinishedRun(config, { folder: at('alone-1') });
    await expect(open([whole, good[0]!])).rejects.toThrow(
      new InputError('of 2 runs only one can be compared: good, seed 1, lacks the runs of the folds 2, 3'),
    );
    await expect(open([good[0]!, poor[1]!], [1])).rejects.toThrow(
      /^of 2 runs only one can be compared: some are of other folds than 1$/,
    );
  });

  test('of some folds alone is over the documents of these', async () => {
    const { groups, notices } = await open([...good.slice(0, 2), ...poor], [1, 2]);
    expect(groups.map(({ runs }) => runs.length)).toEqual([2, 2]);
    expect(notices).toEqual([]);
    const comparison = await compareRuns(groups, fast);
    expect(comparison).toMatchObject({ validation: 40, folds: 2 });
    const [one, two] = await Promise.all(good.slice(0, 2).map((folder) => readFinishedRun(folder)));
    const right = [one!, two!].reduce((sum, { evaluation }) => sum + evaluation.ner!.truePositives, 0);
    const { recall, spans } = comparison.variants[0]!.tracks.ner!.all;
    expect(recall.runs[0]! * spans).toBeCloseTo(right, 9);
    await expect(open([...good.slice(0, 2), ...poor.slice(0, 2)], [3])).rejects.toThrow('no variant has the runs of the folds 3 yet'); // prettier-ignore
  });

  test('may have folds drawn anew by each seed: all documents are scored all the same', async () => {
    const [one, two] = [1, 2].map((seed) => writeFolds('drawn', seed, [80, 80, 80], { splitSeed: null }));
    const { groups } = await open([...(await one!), ...(await two!)]);
    expect((await compareRuns(groups, fast)).validation).toBe(60);
  });

  test('is not one with runs that hold other documents out', async () => {
    const whole = await writeFinishedRun(config, { folder: at('whole-1') });
    const { groups } = await open([...poor, whole]);
    await expect(compareRuns(groups, fast)).rejects.toThrow(/they hold out other documents \(60 and \d+/);
  });

  test('says in its notes how the documents were scored', async () => {
    const notes = notesOf(await compareRuns((await open([...good, ...poor])).groups, fast));
    expect(notes).toContain(
      'Each document is scored once, by the one of 3 models that was trained without its fold; their counts are summed.',
    );
    expect(notes[0]).toContain('(good 1, 2; poor 1)');
  });

  test('has all documents in its report, with what the model of their fold has found', async () => {
    const { groups } = await open([...good, ...poor]);
    const { documents, summary } = await reportOfComparison(await compareRuns(groups, fast), groups);
    expect(documents.systems).toEqual(['good, seed 1', 'good, seed 2', 'poor']);
    expect(documents.documents).toHaveLength(60);
    const run = await readFinishedRun(poor[2]!);
    for (const name of run.split.test!) {
      const spans = run.predictions.spans.ner!.get(name)!;
      const shown = documents.documents.find((document) => document.name === name)!.predicted[2]![0]!;
      expect(shown).toEqual(spans.map(({ start, end, label }) => [start, end, label]));
    }
    const missedOf = ({ evaluation }: typeof run) => evaluation.ner!.errors.outcomes.missed;
    const missed = groups.map(({ runs }) => runs.reduce((sum, one) => sum + missedOf(one), 0));
    const told = summary.errors.filter(({ track }) => track === 'ner').map(({ outcomes }) => outcomes.missed);
    expect(told).toEqual([missed[0]! / 2, missed[1]]); // sums over folds, as means over two seeds and one
    expect(summary.facts).toContainEqual(['Split', '3 folds, seed 4: each document is held out once']);
  });
});
