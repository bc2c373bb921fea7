import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { countRun, rowsOf } from '../../src/compare/count.js';
import { createContext } from '../../src/context.js';
import { drawResamples, percentileInterval, resampledMeans } from '../../src/eval/bootstrap.js';
import { INTERVALS, trackSummaries } from '../../src/report/tracks.js';
import { readFinishedRun } from '../../src/runFolder/finished.js';
import { readGold } from '../../src/runFolder/gold.js';
import { writeFinishedRun } from '../support/finishedRun.js';
import { tinyRun } from '../support/tinyRun.js';

let root: string;
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'meddoprof-'));
});
afterAll(() => rmSync(root, { recursive: true }));

test('every track and label of a report has its own scores, and the intervals of these', async () => {
  const { config } = await tinyRun(root, {}, 60);
  const run = await readFinishedRun(await writeFinishedRun(config, { folder: join(root, 'run-1'), skill: 60 })); // prettier-ignore
  const gold = await readGold(run);
  const tracks = await trackSummaries(run, gold, createContext());
  const drawn = drawResamples(gold.documents.length, INTERVALS.resamples, 1);
  const resampled = await resampledMeans([countRun(run, gold)], drawn);
  const rows = rowsOf(run);
  const shown = tracks.flatMap(({ track, labels, all, perLabel }) => [
    { track, label: null, ...all },
    ...labels.map((label) => ({ track, label, ...perLabel[label]! })),
  ]);
  expect(shown.map(({ track, label }) => ({ track, label }))).toEqual(rows);
  for (const [row, { track, label, intervals, f1, recall }] of shown.entries()) {
    const { [track]: own } = run.evaluation;
    expect([f1, recall]).toEqual(label === null ? [own!.f1, own!.recall] : [own!.perLabel[label]!.f1, own!.perLabel[label]!.recall]); // prettier-ignore
    expect(intervals.f1).toEqual(percentileInterval(resampled[row]!.f1, 0.95));
    expect(intervals.precision).toEqual(percentileInterval(resampled[row]!.precision, 0.95));
  }
  expect(new Set(shown.map(({ intervals }) => intervals.f1.join())).size).toBeGreaterThan(5);
});
