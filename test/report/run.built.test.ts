import { beforeEach, describe, expect, test } from '@jest/globals';
import { appendFileSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { Config } from '../../src/config/schema.js';
import { InputError } from '../../src/errors.js';
import { outcomes } from '../../src/eval/pairs.js';
import type { RunEvaluation } from '../../src/run/evaluateRun.js';
import { readFinishedRun } from '../../src/runFolder/finished.js';
import type { Documents, RunSummary } from '../../src/report/data.js';
import { pairDocument } from '../../src/report/page/documents/filter.js';
import { reportOfRun, writeRunReport } from '../../src/report/run.js';
import { hostile, hostileReport, reportedRun } from '../support/reportedRun.js';
import { temporaryFolders } from '../support/temporaryFolder.js';

const newFolder = temporaryFolders();
let root: string;
let config: Config;
let run: string;
let file: string;
beforeEach(async () => {
  root = newFolder();
  ({ config, run, file } = await reportedRun(root));
});
const evaluation = () => JSON.parse(readFileSync(join(run, 'evaluation.json'), 'utf8')) as RunEvaluation;

/** What a report's file carries, as its page reads it. */
function carried<T>(id: string, html = readFileSync(file, 'utf8')): T {
  const [, packed] = new RegExp(`id="${id}">([A-Za-z0-9+/=]*)</script>`).exec(html)!;
  return JSON.parse(gunzipSync(Buffer.from(packed!, 'base64')).toString()) as T;
}

describe("a run's report", () => {
  test("has the evaluation's scores and kinds of errors", () => {
    const { tracks } = carried<RunSummary>('summary');
    expect(tracks.map(({ track }) => track)).toEqual([...Object.keys(config.tasks), 'norm']);
    for (const { track, all, perLabel, outcomes: counted } of tracks) {
      const { errors, ...scores } = evaluation()[track]!;
      expect(scores).toMatchObject(withoutIntervals(all));
      expect(counted).toEqual(errors.outcomes);
      for (const [label, ratios] of Object.entries(perLabel))
        expect(scores.perLabel[label]).toEqual(withoutIntervals(ratios));
    }
  });

  test("has documents whose spans, paired as the page pairs them, give the evaluation's counts", () => {
    const { tracks, documents } = carried<Documents>('documents');
    tracks.forEach(({ track, labels }, i) => {
      const pairs = documents.flatMap((document) => pairDocument(document, 0, i, labels));
      const counts = outcomes.map((outcome) => [
        outcome,
        pairs.filter((pair) => pair.outcome === outcome).length,
      ]);
      expect(Object.fromEntries(counts)).toEqual(evaluation()[track]!.errors.outcomes);
    });
  });

  test('has intervals around the scores', () => {
    const { tracks, intervals } = carried<RunSummary>('summary');
    expect(intervals).toMatchObject({ level: 0.95 });
    for (const { all } of tracks)
      for (const measure of ['precision', 'recall', 'f1'] as const) {
        const [low, high] = all.intervals[measure];
        expect(low).toBeLessThanOrEqual(all[measure]);
        expect(high).toBeGreaterThanOrEqual(all[measure]);
        expect(low).toBeLessThan(high);
      }
  });

  test('has the epochs with the schedule that they had', async () => {
    const { summary } = await reportOfRun(await readFinishedRun(run));
    expect(summary.learning.epochs).toMatchObject([
      { epoch: 0, from: 0, to: 10, windows: 'positive', rate: 1e-3, headRate: 5e-3, frozen: 'none' },
      { epoch: 1, from: 10, to: 20, windows: 'full', rate: 7.5e-4, frozen: 'none' },
    ]);
  });

  test('has published figures only beside tasks with the labels of the shared task', async () => {
    expect(carried<RunSummary>('summary').published).toContainEqual({
      name: 'TALP, default',
      task: 'ner',
      precision: 0.761,
      recall: 0.645,
      f1: 0.698,
      split: 'test',
    });
    const html = readFileSync(await hostileReport(join(root, 'hostile')), 'utf8');
    expect(carried<RunSummary>('summary', html).published).toEqual([]);
  });

  test('goes where it is told', async () => {
    expect(await writeRunReport(run, { out: join(root, 'a', 'b.html') })).toBe(join(root, 'a', 'b.html'));
  });
});

describe('a file that carries a corpus', () => {
  test('has no text of it as markup', async () => {
    const html = readFileSync(await hostileReport(join(root, 'hostile')), 'utf8');
    for (const text of [...hostile.texts, hostile.label, hostile.name]) expect(html).not.toContain(text);
    expect(html.match(/<\/script>/g)).toHaveLength(3);
    const { documents } = carried<Documents>('documents', html);
    expect(documents.map(({ text }) => text)).toEqual(hostile.texts);
  });

  test('lets nothing run but its own program, and fetches nothing', () => {
    const html = readFileSync(file, 'utf8');
    expect(html).toMatch(
      /Content-Security-Policy" content="default-src 'none'; script-src 'sha256-[^' ]*'; /,
    );
    expect(html).not.toMatch(/<(script|link|img)[^>]*(src|href)="(?!data:,")/);
  });
});

describe('no report is made', () => {
  const refusal = () =>
    writeRunReport(run).then(
      () => 'none',
      (error: Error) => `${error instanceof InputError}: ${error.message}`,
    );

  test('of a corpus that has changed since', async () => {
    appendFileSync(join(config.data.corpus, 'task1', 'added.txt'), 'x');
    writeFileSync(join(config.data.corpus, 'task1', 'added.ann'), '');
    writeFileSync(join(config.data.corpus, 'task2', 'added.txt'), 'x');
    writeFileSync(join(config.data.corpus, 'task2', 'added.ann'), '');
    expect(await refusal()).toMatch(/^true: .*corpus has changed since .*tiny-1 was trained: restore it/);
  });

  test('of predictions that are not those of the evaluation', async () => {
    const names = carried<Documents>('documents').documents.map(({ name }) => name);
    for (const name of names) writeFileSync(join(run, 'predictions', 'task1', `${name}.ann`), '');
    expect(await refusal()).toMatch(
      /^true: .*tiny-1: its predictions give ner an F1 of 0\.0000, and its evaluation\.json says/,
    );
  });

  test.each([
    ['metrics.jsonl', '"epoch":0', '"epoch":99', 'has an epoch 99, and config.yaml plans 2, from 0'],
    ['metrics.jsonl', /"f1":[\d.]+/, '"f1":1e300', 'f1: Too big: expected number to be <=1'],
    ['evaluation.json', /"accuracy":\s*[\d.]+|"f1":\s*[\d.]+/, '"f1":-1', 'Too small'],
    ['run.json', '"meddoprof":', '"version":', 'versions: the version of meddoprof is missing'],
  ])('of a %s in which %s has become %s, of which no page could be made', async (name, from, to, why) => {
    const damaged = readFileSync(join(run, name), 'utf8').replace(from, to);
    writeFileSync(join(run, name), damaged);
    expect(await refusal()).toContain(why);
  });

  test('of a run without predictions', async () => {
    rmSync(join(run, 'predictions'), { recursive: true });
    expect(await refusal()).toMatch(/^true: .*tiny-1 has no predictions/);
  });
});

function withoutIntervals({ intervals: _, ...ratios }: RunSummary['tracks'][number]['all']) {
  return ratios;
}
