import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'yaml';
import { runProgram } from '../../src/cli/program.js';
import type { Config } from '../../src/config/schema.js';
import { calibrated } from '../../src/data/calibration.js';
import type { TunedThresholds } from '../../src/formats/tuned.js';
import { tunedSettings } from '../../src/runFolder/tuned.js';
import { captureOutput } from '../support/captureOutput.js';
import { writeFinishedRun } from '../support/finishedRun.js';
import { writeCandidates, type Opinion } from '../support/madeCandidates.js';
import { tinyRun } from '../support/tinyRun.js';

let root: string;
let config: Config;
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'meddoprof-'));
  ({ config } = await tinyRun(root, {}, 100));
});
afterAll(() => rmSync(root, { recursive: true }));

/** A finished run whose model gave .9 to what it found, and .3 to the gold spans that it missed. */
async function madeRun(name: string, changes: Partial<Config> = {}, opinion: Opinion = {}): Promise<string> {
  const folder = await writeFinishedRun({ ...config, ...changes }, { folder: join(root, name), skill: 60 });
  await writeCandidates(folder, opinion);
  return folder;
}

async function tune(...args: string[]) {
  const { value, ...output } = await captureOutput(() => runProgram(['tune', ...args]));
  process.exitCode = undefined;
  return { ...output, status: value };
}

describe('meddoprof tune', () => {
  test('takes thresholds that let through what was right, tells what that gains, and writes both', async () => {
    const run = await madeRun('good-1');
    const out = join(root, 'part.yaml');
    const { status, stdout } = await tune(run, '--json', '--out', out);
    expect(status).toBe(0);
    const { notices, ...tuned } = JSON.parse(stdout) as TunedThresholds & { notices: string[] };
    expect(notices).toEqual([]);
    const evaluation = JSON.parse(readFileSync(join(run, 'evaluation.json'), 'utf8')) as Record<
      string,
      { precision: number; recall: number; f1: number }
    >;
    for (const [task, { all }] of Object.entries(tuned.tasks)) {
      const { precision, recall, f1 } = evaluation[task]!;
      expect(all.before).toEqual({ precision, recall, f1 }); // the official scores of the run
      expect(all.after.recall).toBeGreaterThan(recall);
      expect(all.change.f1[0]).toBeCloseTo(all.after.f1 - f1, 12);
      expect(all.change.f1[1]).toBeGreaterThan(0);
    }
    for (const threshold of Object.values(tuned.thresholds)) expect(threshold).toBeLessThanOrEqual(0.5);
    expect(JSON.parse(readFileSync(join(run, 'tuned.json'), 'utf8'))).toEqual(tuned);
    expect(await tunedSettings(run)).toEqual([`decoding.thresholds=${JSON.stringify(tuned.thresholds)}`]);
    expect(readFileSync(out, 'utf8')).toMatch(
      /^# Tuned for F1 .*\ndecoding:\n {2}thresholds:\n {4}\w+: 0\.\d+\n/,
    );
  });

  test('leaves thresholds whose change may gain nothing on other documents, and says so', async () => {
    const run = await madeRun('kept-1', {}, { missed: 0 });
    const { stdout } = await tune(run, '--json');
    const { tasks, thresholds } = JSON.parse(stdout) as TunedThresholds;
    expect(Object.values(tasks).map(({ kept }) => kept)).toEqual([true, true]);
    expect(new Set(Object.values(thresholds))).toEqual(new Set([0.5]));
    expect((await tune(run)).stdout).toContain(
      'Of ner and class the gain on other documents may be none: the thresholds stay',
    );
  });

  test('tells a label of which nothing right is found any more', async () => {
    const run = await madeRun(
      'given-up-1',
      {},
      { found: (label) => (label === 'ACTIVIDAD' ? 0.6 : 0.9), invented: { ACTIVIDAD: 0.7 } },
    );
    const { stderr } = await tune(run);
    expect(stderr).toMatch(/^nothing that is right is found of ACTIVIDAD any more/m);
    const { notices } = JSON.parse((await tune(run, '--json', '--quiet')).stdout);
    expect(notices).toEqual(stderr.trim().split('\n'));
  });

  test('prints the thresholds of each label with scores before and after', async () => {
    const { stdout } = await tune(await madeRun('shown-1'), '--recall', '.9');
    expect(stdout).toContain('the best precision at a recall of .900');
    for (const { labels } of Object.values(config.tasks))
      for (const label of labels) expect(stdout).toMatch(new RegExp(`^ +${label} +\\.\\d+ +\\d+`, 'm'));
  });

  test.each<[string, (run: string) => Promise<string[]>, RegExp]>([
    ['a head without thresholds', async () => [await madeRun('crf-1', { model: { ...config.model, head: 'crf' } })], /takes the best path, which no threshold decides/], // prettier-ignore
    ['labels that decide together', async () => [await madeRun('best-1', { decoding: { ...config.decoding, overlap: 'best' } })], /with decoding.overlap best labels decide together/], // prettier-ignore
    ['a recall that is none', (run) => Promise.resolve([run, '--recall', '90']), /--recall needs a share above 0 and at most 1/], // prettier-ignore
    ['runs of one split', async (run) => [run, await madeRun('other-1', { training: { ...config.training, batchSize: 3 } })], /are no folds of one variant and seed/], // prettier-ignore
    ['a folder that is no run', () => Promise.resolve([join(root, 'nothing')]), /does not exist; name the folder of a run/], // prettier-ignore
  ])('says what is wrong, and writes nothing: %s', async (_, given, message) => {
    const run = await madeRun(`mistaken-${Math.random()}`);
    const { status, stderr } = await tune(...(await given(run)));
    expect(stderr).toMatch(message);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(status).toBeGreaterThan(0);
    expect(existsSync(join(run, 'tuned.json'))).toBe(false);
  });

  test('tells candidates of other predictions, and names their file', async () => {
    const run = await madeRun('stale-1');
    const file = join(run, 'predictions', 'candidates.jsonl');
    const lines = readFileSync(file, 'utf8').replaceAll(/"found":\{[^}]*\}/g, '"found":{}');
    writeFileSync(file, lines);
    const { stderr } = await tune(run);
    expect(stderr).toContain(`${file} is not of the predictions beside it`);
    expect(stderr).toContain('remove it, and meddoprof tune makes it again');
  });

  test('takes candidates of which other roundings have made one in a hundred another, and says so', async () => {
    const run = await madeRun('rounded-1');
    const file = join(run, 'predictions', 'candidates.jsonl');
    const spans = readFileSync(file, 'utf8').match(/"found":\{.*?\},"candidates"/g)!.join('').match(/\[\d+,/g)!.length; // prettier-ignore
    expect(spans).toBeGreaterThan(50);
    writeFileSync(file, readFileSync(file, 'utf8').replace(/("found":\{"\w+":\[\[)\d+/, '$10'));
    const { stderr, status } = await tune(run);
    expect(status).toBe(0);
    expect(stderr).toContain(`1 of the ${spans} spans that ${run} has predicted are not in ${file}`);
  });

  test('is told where predict --tuned finds none', async () => {
    const run = await madeRun('untuned-1');
    await expect(tunedSettings(run)).rejects.toThrow(
      `${run} has no tuned thresholds (tuned.json): make them with`,
    );
  });
});

describe('meddoprof tune --calibrate', () => {
  test.each(['temperature', 'isotonic'])(
    'makes the one score that all have the share of them that is right: %s',
    async (method) => {
      const run = await madeRun(`${method}-1`, {}, { missed: 0 });
      const out = join(root, `${method}.yaml`);
      const { stdout } = await tune(run, '--calibrate', method, '--json', '--out', out);
      const tuned = JSON.parse(stdout) as TunedThresholds;
      const evaluation = JSON.parse(readFileSync(join(run, 'evaluation.json'), 'utf8')) as {
        class: { perLabel: Record<string, { precision: number; truePositives: number }> };
      };
      const { precision, truePositives } = evaluation.class.perLabel.PACIENTE!;
      expect(calibrated(0.9, tuned.calibration.PACIENTE)).toBeCloseTo(precision, 5);
      const { count, before, after } = tuned.tasks.class!.labels.PACIENTE!.calibration!;
      expect(count).toBe(Math.round(truePositives / precision));
      expect(before).toBeCloseTo(0.9 - precision, 9);
      expect(after).toBeLessThan(before);
      const by = `decoding.calibration=${JSON.stringify(tuned.calibration)}`;
      expect((await tunedSettings(run))[1]).toBe(by);
      expect(parse(readFileSync(out, 'utf8')).decoding.calibration).toEqual(tuned.calibration);
    },
  );

  test('leaves the scores of labels of which too few are found, and says which', async () => {
    const run = await madeRun('few-1', {}, { missed: 0 });
    const { stderr, stdout } = await tune(run, '--calibrate', 'isotonic');
    expect(stderr).toMatch(/^the scores of ACTIVIDAD stay as they are: too few of its spans/m);
    expect(stdout).toMatch(/^ +ACTIVIDAD +\d+ .* left$/m);
  });
});
