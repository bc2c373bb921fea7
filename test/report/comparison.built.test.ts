import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compareRuns } from '../../src/compare/compare.js';
import type { Comparison } from '../../src/compare/comparison.js';
import type { Group } from '../../src/compare/groups.js';
import { outcomes } from '../../src/eval/pairs.js';
import { reportOfComparison, writeComparisonReport } from '../../src/report/comparison.js';
import { pairDocument } from '../../src/report/page/documents/filter.js';
import { readFinishedRun } from '../../src/runFolder/finished.js';
import { describeInBrowser, violations } from '../support/browser.js';
import { writeFinishedRun } from '../support/finishedRun.js';
import { tinyRun } from '../support/tinyRun.js';

let root: string;
let file: string;
let groups: Group[];
let comparison: Comparison;
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'meddoprof-'));
  const { config } = await tinyRun(root, {}, 30);
  const runsOf = (name: string, skill: number, seeds: number[]) =>
    Promise.all(
      seeds.map(async (seed) => {
        const folder = join(root, `${name}-${seed}`);
        return readFinishedRun(await writeFinishedRun(config, { folder, seed, skill }));
      }),
    );
  groups = [
    { name: 'default', runs: await runsOf('default', 80, [1, 2]) },
    { name: 'frozen', runs: await runsOf('frozen', 40, [1]) },
  ];
  const published = [
    { name: 'theirs', task: 'ner', precision: null, recall: null, f1: 0.7, split: 'test' as const },
  ];
  comparison = await compareRuns(groups, { resamples: 200, permutations: 200, published });
  file = join(root, 'comparison.html');
  await writeComparisonReport(file, comparison, groups);
});
afterAll(() => rmSync(root, { recursive: true }));

describe("a comparison's report", () => {
  test('has the documents as each run has annotated them, with the counts of its evaluation', async () => {
    const { documents } = await reportOfComparison(comparison, groups);
    expect(documents.systems).toEqual(['default, seed 1', 'default, seed 2', 'frozen']);
    const runs = groups.flatMap((group) => group.runs);
    for (const [system, { evaluation }] of runs.entries())
      for (const [i, { track, labels }] of documents.tracks.entries()) {
        const pairs = documents.documents.flatMap((document) => pairDocument(document, system, i, labels));
        const counts = outcomes.map((outcome) => [
          outcome,
          pairs.filter((pair) => pair.outcome === outcome).length,
        ]);
        expect(Object.fromEntries(counts)).toEqual(evaluation[track]!.errors.outcomes);
      }
  });

  test('has the kinds of errors as means over the runs of a variant', async () => {
    const { summary } = await reportOfComparison(comparison, groups);
    const [a, b] = groups[0]!.runs.map(({ evaluation }) => evaluation.ner!.errors.outcomes.missed);
    const own = summary.errors.find(({ track, variant }) => track === 'ner' && variant === 'default')!;
    expect(own.outcomes.missed).toBe((a! + b!) / 2);
  });
});

describeInBrowser('the page of a comparison', (open) => {
  test('shows means, deviations, differences with p, and the published row', async () => {
    const { page, messages, requests } = await open(file);
    const table = page.getByRole('table', { name: /^Scores, and differences of F1 to default/ });
    const { f1 } = comparison.variants[0]!.tracks.ner!.all;
    const shown = (value: number) => value.toFixed(3).replace(/^0/, '');
    expect(
      await table
        .getByRole('row', { name: /^default/ })
        .first()
        .innerText(),
    ).toContain(`${shown(f1.mean)} ± ${shown(f1.deviation!)}`);
    const { adjusted } = comparison.variants[1]!.tracks.ner!.all.difference!;
    expect(
      await table
        .getByRole('row', { name: /^frozen/ })
        .first()
        .innerText(),
    ).toContain(shown(adjusted));
    expect(await page.getByText('theirs').count()).toBeGreaterThan(0);
    expect(messages).toEqual([]);
    expect(requests).toHaveLength(1);
  });

  test("shows any run's predictions in the documents", async () => {
    const { page } = await open(file);
    for (const [i, { evaluation }] of groups.flatMap(({ runs }) => runs).entries()) {
      await page.getByLabel('Predictions of').selectOption(String(i));
      const { correct: _, ...errors } = evaluation.ner!.errors.outcomes;
      const total = Object.values(errors).reduce((sum, each) => sum + each, 0);
      expect(await page.locator('#documents .count').innerText()).toContain(`, ${total} error`);
    }
  });

  test.each(['light', 'dark'] as const)('has nothing that axe-core finds wrong, %s', async (colorScheme) => {
    const { page } = await open(file, { colorScheme });
    await page
      .locator('figure details')
      .evaluateAll((all) => all.forEach((one) => one.setAttribute('open', '')));
    expect(await violations(page)).toEqual([]);
  });

  test('fits a phone', async () => {
    const { page } = await open(file, { viewport: { width: 375, height: 740 } });
    expect(await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth')).toBe(0);
  });
});
