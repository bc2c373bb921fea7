import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Config } from '../../src/config/schema.js';
import type { RunEvaluation } from '../../src/run/evaluateRun.js';
import { reportOfRun } from '../../src/report/run.js';
import { readFinishedRun } from '../../src/runFolder/finished.js';
import { writeFinishedRun } from '../support/finishedRun.js';
import { writeCandidates } from '../support/madeCandidates.js';
import { tinyRun } from '../support/tinyRun.js';

let root: string;
let config: Config;
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'meddoprof-'));
  ({ config } = await tinyRun(root, {}, 60));
});
afterAll(() => rmSync(root, { recursive: true }));

/** What the report of a made run says, whose model gave .9 to what it found, and .3 to what it missed. */
async function reported(name: string, changes: Partial<Config> = {}, prepare = writeCandidates) {
  const run = await writeFinishedRun({ ...config, ...changes }, { folder: join(root, name), skill: 60 });
  await prepare(run);
  const { summary } = await reportOfRun(await readFinishedRun(run));
  const evaluation = JSON.parse(readFileSync(join(run, 'evaluation.json'), 'utf8')) as RunEvaluation;
  return { probabilities: summary.probabilities, evaluation };
}

describe('probabilities of a report', () => {
  test('have the official scores at .5, and of a threshold below what was missed all gold spans', async () => {
    const { probabilities, evaluation } = await reported('plain-1');
    for (const { track, labels } of probabilities!)
      for (const { label, published, now, tuned, curve } of labels) {
        const { precision, recall, f1, ...counts } = evaluation[track]!.perLabel[label]!;
        const { truePositives, falsePositives, falseNegatives } = counts;
        const found = truePositives + falsePositives;
        expect(published).toEqual({ threshold: 0.5, found, precision, recall, f1 });
        expect([now, tuned]).toEqual([undefined, undefined]);
        expect(curve!.map(({ threshold }) => threshold)).toHaveLength(99);
        const all = truePositives + falseNegatives > 0 ? 1 : 0;
        for (const one of curve!.filter(({ threshold }) => threshold <= 0.3)) expect(one.recall).toBe(all);
        for (const one of curve!.filter(({ threshold }) => threshold > 0.9)) expect(one.found).toBe(0);
      }
  });

  test('tell how often what has a score is right', async () => {
    const { probabilities, evaluation } = await reported('reliable-1');
    for (const { track, labels } of probabilities!)
      for (const { label, reliability } of labels) {
        const { precision, truePositives, falsePositives } = evaluation[track]!.perLabel[label]!;
        const count = truePositives + falsePositives;
        expect(reliability.count).toBe(count);
        if (count === 0) continue;
        expect(reliability.error).toBeCloseTo(Math.abs(0.9 - precision), 12);
        expect(reliability.bins).toMatchObject([{ count, right: precision }]);
      }
  });

  test('mark the threshold that the run has, and the one that was tuned', async () => {
    const tuned = {
      format: 1,
      objective: { kind: 'f1' },
      runs: ['marked-1'],
      documents: 20,
      thresholds: { PROFESION: 0.3 },
      estimate: { parts: 10, level: 0.95, resamples: 2, seed: 1 },
      tasks: {},
    };
    const decoding = { ...config.decoding, thresholds: { PROFESION: 0.7 } };
    const { probabilities } = await reported('marked-1', { decoding }, async (run) => {
      await writeCandidates(run);
      writeFileSync(join(run, 'tuned.json'), JSON.stringify(tuned));
    });
    const [first, ...others] = probabilities![0]!.labels;
    expect(first).toMatchObject({
      label: 'PROFESION',
      now: { threshold: 0.7 },
      tuned: { threshold: 0.3, recall: 1 },
    });
    for (const { now, tuned: then } of others) expect([now, then]).toEqual([undefined, undefined]);
  });

  test('have no curves where no thresholds decide, and are left out where none are kept', async () => {
    const best = await reported('best-1', { decoding: { ...config.decoding, overlap: 'best' } });
    expect(best.probabilities!.flatMap(({ labels }) => labels.filter(({ curve }) => curve))).toEqual([]);
    const { probabilities } = await reported('none-1', {}, () => Promise.resolve());
    expect(probabilities).toBeUndefined();
  });
});
