import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runProgram } from '../../src/cli/program.js';
import type { Config } from '../../src/config/schema.js';
import { formatConfig } from '../../src/config/format.js';
import { writeAtomically } from '../../src/files/write.js';
import type { RunRecord } from '../../src/formats/record.js';
import { planRun } from '../../src/run/plan.js';
import type { RunEvent } from '../../src/run/events.js';
import { runToEnd } from '../support/runToEnd.js';
import { captureOutput } from '../support/captureOutput.js';
import { fixtureFolder } from '../support/fixtures.js';
import { writeTinyModel } from '../support/maskedLm.js';
import { resultOf } from '../support/runFolder.js';
import { temporaryFolders } from '../support/temporaryFolder.js';
import { tinyRun } from '../support/tinyRun.js';

const folder = temporaryFolders();
const patient = 300_000; // ms

/** A config whose language model can be taken away. */
async function augmentedRun(place = folder(), documents = 30) {
  const weights = join(place, 'mlm');
  cpSync(join(fixtureFolder, 'tiny-bert'), weights, { recursive: true });
  const augmentation = {
    labels: ['ACTIVIDAD'],
    count: 8,
    substituteCount: 9,
    tries: 9,
    maximumPerOriginal: 8,
    maximumPerSubstitute: 8,
    scoring: { weights, window: 1, cache: join(place, 'cache') },
  };
  const { config, out } = await tinyRun(
    place,
    { augmentation, training: { epochs: { count: 1 } } },
    documents,
  );
  return { config, place, out, weights };
}

describe('training with new examples', () => {
  let config: Config;
  let place: string;
  let out: string;
  let weights: string;
  let windows = 0;
  beforeAll(async () => {
    ({ config, place, out, weights } = await augmentedRun(mkdtempSync(join(tmpdir(), 'meddoprof-'))));
    const windowsOf = async (config: Config, folder: string) => {
      let begun = 0;
      await runToEnd(config, { folder, resume: false }, (event: RunEvent) => {
        if (event.kind === 'begin') begun = event.work.windows.training;
      });
      return begun;
    };
    const plain = { ...config, augmentation: { ...config.augmentation, labels: [] } };
    const without = await windowsOf(plain, join(place, 'plain'));
    windows = (await windowsOf(config, out)) - without;
  }, patient);
  afterAll(() => rmSync(place, { recursive: true }));

  test('makes them first, and trains on them', () => {
    expect(readdirSync(join(out, 'augmented')).sort()).toContain('augmented.jsonl');
    expect(readdirSync(join(out, 'augmented/task1'))).toHaveLength(16);
    expect(windows).toBe(8);
    expect(existsSync(join(place, 'plain/augmented'))).toBe(false);
  });

  test('makes them anew where nothing was trained on them yet: the corpus may have changed', async () => {
    const run = join(place, 'early');
    const examples = join(run, 'augmented', 'task1');
    cpSync(out, run, { recursive: true });
    for (const later of ['checkpoints', 'evaluation.json']) rmSync(join(run, later), { recursive: true });
    const one = readdirSync(examples).find((name) => name.endsWith('.ann'))!;
    writeFileSync(join(examples, one), '');
    await runToEnd(config, { folder: run, resume: true });
    expect(readFileSync(join(examples, one))).toEqual(readFileSync(join(out, 'augmented/task1', one)));
  });

  test('takes those of its folder when it goes on, without the language model', async () => {
    const before = resultOf(out);
    rmSync(weights, { recursive: true });
    await runToEnd(config, { folder: out, resume: true });
    expect(resultOf(out)).toEqual(before);
  });

  test('takes those that augment wrote', async () => {
    const given = { ...config, augmentation: { ...config.augmentation, corpus: join(out, 'augmented') } };
    const run = join(place, 'given');
    await runToEnd(given, { folder: run, resume: false });
    expect(resultOf(run)).toEqual(resultOf(out));
  });

  /** A run with examples of its own, of which one has lost its spans since. */
  async function changedExamples() {
    const examples = join(folder(), 'examples');
    const run = join(folder(), 'run');
    cpSync(join(out, 'augmented'), examples, { recursive: true });
    const given = { ...config, augmentation: { ...config.augmentation, corpus: examples } };
    await runToEnd(given, { folder: run, resume: false });
    await runToEnd(given, { folder: run, resume: true });
    const one = readdirSync(join(examples, 'task1')).find((name) => name.endsWith('.ann'))!;
    writeFileSync(join(examples, 'task1', one), '');
    return { examples, run, goOn: () => runToEnd(given, { folder: run, resume: true }) };
  }

  test('does not go on with other examples than it was given', async () => {
    const { examples, run, goOn } = await changedExamples();
    const message = `${examples} (augmentation.corpus) has changed since ${run} was started: restore it, or start a new run`;
    await expect(goOn()).rejects.toThrow(message);
  });

  test('goes on where an earlier version did not keep which examples it was given', async () => {
    const { run, goOn } = await changedExamples();
    const file = join(run, 'run.json');
    const { format, teachers: _, examples, ...earlier } = JSON.parse(readFileSync(file, 'utf8')) as RunRecord;
    expect([format, examples?.documents]).toEqual([3, 8]);
    writeFileSync(file, JSON.stringify(earlier));
    await goOn();
  });

  const withCorpus = (corpus: string, labels: string[]) => ({
    ...config,
    augmentation: { ...config.augmentation, corpus, labels },
  });

  test('takes those that augment wrote without being told their labels, and plans with them', async () => {
    const given = withCorpus(join(out, 'augmented'), []);
    const run = join(place, 'unlabelled');
    await runToEnd(given, { folder: run, resume: false });
    expect(resultOf(run)).toEqual(resultOf(out));
    const without = await planRun({ ...config, augmentation: { ...config.augmentation, labels: [] } });
    expect((await planRun(given)).windows.all - without.windows.all).toBe(8);
    expect(without.notices).toEqual([]);
  });

  test('refuses a corpus of new examples that is not there, with labels and without', async () => {
    for (const labels of [[], ['ACTIVIDAD']]) {
      const given = withCorpus(join(place, 'none'), labels);
      const message = /none\/augmented\.jsonl cannot be read: it does not exist/;
      await expect(runToEnd(given, { folder: join(place, 'refused'), resume: false })).rejects.toThrow(
        message,
      );
      await expect(planRun(given)).rejects.toThrow(message);
      expect(existsSync(join(place, 'refused'))).toBe(false);
    }
  });

  test('refuses labels of which the corpus has no examples', async () => {
    await expect(planRun(withCorpus(join(out, 'augmented'), ['PROFESION']))).rejects.toThrow(
      /augmentation\.labels: .*augmented has no example of PROFESION; it has some of ACTIVIDAD/,
    );
  });
});

describe('augment', () => {
  async function augment(...options: string[]) {
    const { config, place } = await augmentedRun(folder(), 60);
    const file = join(place, 'config.yaml');
    await writeAtomically(file, formatConfig(config));
    const out = join(place, 'made');
    const { value, ...output } = await captureOutput(() =>
      runProgram(['augment', file, '--out', out, ...options]),
    );
    return { ...output, status: value, out, again: () => runProgram(['augment', file, '--out', out]) };
  }

  test('shows the counts per label, the best and the worst, and where the examples are', async () => {
    const { stdout, status, out } = await augment();
    expect(status).toBe(0);
    expect(stdout).toMatch(/^task {3}label +before +after\n/);
    const [, before, after] = /ACTIVIDAD +(\d+) +(\d+)/.exec(stdout)!;
    expect(Number(after)).toBeGreaterThanOrEqual(Number(before) + 8);
    expect(stdout).toMatch(/ACTIVIDAD: the best of \d+ candidates\n\nrank +suit +fit +score +change +kept/);
    expect(stdout).toMatch(/ACTIVIDAD: the worst\n/);
    expect(stdout).toContain(`8 new examples and where they come from are in ${out}`);
  });

  test('gives every candidate as JSON, the same that augmented.jsonl has', async () => {
    const { stdout, out } = await augment('--json');
    const lines = readFileSync(join(out, 'augmented.jsonl'), 'utf8').trimEnd().split('\n');
    expect(JSON.parse(stdout)).toMatchObject({ candidates: lines.map((line) => JSON.parse(line)) });
  });

  test('refuses a folder that is not empty, and a config without labels', async () => {
    const { again } = await augment();
    const refused = await captureOutput(again);
    expect(refused.value).toBe(2);
    expect(refused.stderr).toMatch(/is not empty: choose another --out/);
    const { status, stderr } = await augment('--set', 'augmentation.labels=[]');
    expect(status).toBe(2);
    expect(stderr).toMatch(/augmentation.labels is empty/);
  });

  test('says how many there are where they are fewer than asked for', async () => {
    const { status, stdout, stderr } = await augment('--set', 'augmentation.count=5000');
    expect(status).toBe(0);
    const [, kept] = /^ACTIVIDAD: (\d+) of 5000 new examples: of \d+ originals /m.exec(stderr)!;
    expect(stdout).toContain(`${kept} new examples and where they come from`);
  });

  test.each([
    [
      'a label without an example',
      () => ['tasks.ner.labels=[PROFESION,SITUACION_LABORAL,ACTIVIDAD,NADA]', 'augmentation.labels=[NADA]'],
      /^error: augmentation\.labels: no training document has an example of NADA: take it out, or [^\n]+\n$/,
    ],
    [
      'a language model without its head',
      async () => {
        const headless = folder();
        const isBody = ({ name }: { name: string }) => !name.startsWith('cls.');
        await writeTinyModel(headless, 'tiny-bert', (tensor) => (isBody(tensor) ? tensor : undefined));
        return [`augmentation.scoring.weights=${headless}`];
      },
      /^error: [^\n]+model\.safetensors: there is no tensor cls\.[^\n]+saved without their masked-LM head[^\n]+\n$/,
    ],
    [
      "a vocabulary that is not the model's",
      () => {
        const other = join(folder(), 'vocab.txt');
        cpSync(join(fixtureFolder, 'tiny-bert/vocab.txt'), other);
        appendFileSync(other, 'otra\n');
        return [`augmentation.scoring.vocabulary=${other}`];
      },
      /^error: [^\n]+vocab\.txt has 114 pieces, but vocab_size in [^\n]+ is 113[^\n]*\n$/,
    ],
  ])('refuses %s in one sentence', async (_, settings, message) => {
    const set = (await settings()).flatMap((one) => ['--set', one]);
    const { status, stdout, stderr } = await augment(...set);
    expect(status).toBeGreaterThan(0);
    expect(stdout).toBe('');
    expect(stderr).toMatch(message);
  });
});
