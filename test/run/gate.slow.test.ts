import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runProgram } from '../../src/cli/program.js';
import type { StoredGate } from '../../src/formats/gate.js';
import type { FolderPrediction } from '../../src/predict/predictFolder.js';
import { captureOutput } from '../support/captureOutput.js';
import { runToEnd } from '../support/runToEnd.js';
import { tinyRun } from '../support/tinyRun.js';

let root: string;
let run: string;
let notes: string;
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'meddoprof-'));
  const training = { epochs: { count: 4, pattern: ['full'], rate: 1e-2 } };
  const { config, corpus, out } = await tinyRun(root, { training }, 100);
  await runToEnd(config, { folder: out, resume: false });
  [run, notes] = [out, join(corpus, 'task1')];
}, 300_000);
afterAll(() => rmSync(root, { recursive: true }));

async function program<T>(...args: string[]) {
  const { value, stdout, stderr } = await captureOutput(() => runProgram(args));
  process.exitCode = undefined;
  return { status: value, stderr, result: (stdout.startsWith('{') ? JSON.parse(stdout) : stdout) as T };
}

describe('meddoprof gate', () => {
  test('teaches a run to leave out most windows without a span, and loses what was allowed at most', async () => {
    const { status, result } = await program<StoredGate>('gate', run, '--layer', '1', '--loss', '.05', '--json'); // prettier-ignore
    expect(status).toBe(0);
    const { estimate, documents } = result;
    expect(documents).toBeGreaterThan(9);
    const split = JSON.parse(readFileSync(join(run, 'split.json'), 'utf8')) as { test?: string[]; validation: string[] }; // prettier-ignore
    expect(documents).toBe((split.test ?? split.validation).length);
    const evaluation = JSON.parse(readFileSync(join(run, 'evaluation.json'), 'utf8')) as Record<string, { f1: number }>; // prettier-ignore
    for (const task of ['ner', 'class']) {
      const { before, after } = estimate.tasks[task]!;
      expect(before.f1).toBe(evaluation[task]!.f1); // the official score of the run
      expect(after.recall).toBeLessThanOrEqual(before.recall);
    }
    expect(estimate.windows).toBeLessThan(0.9);

    const whole = await program<FolderPrediction>('predict', run, '--input', notes, '--out', join(root, 'whole'), '--json'); // prettier-ignore
    const gated = await program<FolderPrediction>('predict', run, '--input', notes, '--out', join(root, 'gated'), '--early-exit', '--json'); // prettier-ignore
    const windows = gated.result.windows!;
    expect(windows.read).toBeLessThan(0.9 * windows.all);
    expect(whole.result.windows).toBeNull();
    const scored = new Set(split.test ?? split.validation);
    const gold = spansIn(notes, scored);
    const right = (out: string) =>
      [...spansIn(join(root, out, 'task1'), scored)].filter((span) => gold.has(span)).length;
    expect(right('whole')).toBeGreaterThan(4);
    expect(right('whole') - right('gated')).toBeLessThanOrEqual(0.05 * gold.size);
  });

  test('makes the same gate again', async () => {
    const file = join(run, 'checkpoints', 'best', 'gate.json');
    const before = readFileSync(file, 'utf8');
    await program('gate', run, '--layer', '1', '--loss', '.05');
    expect(readFileSync(file, 'utf8')).toBe(before);
  });

  test('keeps its gate when it is gone on with, done as it is', async () => {
    const file = join(run, 'checkpoints', 'best', 'gate.json');
    const before = readFileSync(file, 'utf8');
    expect((await program('train', '--resume', run)).status).toBe(0);
    expect(readFileSync(file, 'utf8')).toBe(before);
  });

  test('tells what it saves and what it costs, in words', async () => {
    const { result } = await program<string>('gate', run, '--layer', '1');
    expect(result).toMatch(/^ner +\.\d{3} /m);
    expect(result).toMatch(/^\d+ % of the windows are read beyond layer 1\./m);
  });

  test.each<[string, string[], RegExp]>([
    ['a layer that there is not', ['--layer', '2'], /--layer 2: the encoder of .* has 2 layers, and a gate must read one below the last/], // prettier-ignore
    ['a layer that is none', ['--layer', '0'], /--layer needs the number of a layer/],
    ['a loss that is none', ['--loss', '5'], /--loss needs a share of at least 0 and below 1/],
    [
      'an option that it does not read',
      ['--set', 'decoding.threshold=.3'],
      /gate takes --set data\.corpus, .* only/,
    ],
  ])('says what is wrong: %s', async (_, args, message) => {
    const { status, stderr } = await program('gate', run, ...args);
    expect(stderr).toMatch(message);
    expect(stderr.trim().split('\n')).toHaveLength(1);
    expect(status).toBeGreaterThan(0);
    expect(existsSync(join(run, 'lock.json'))).toBe(false);
  });
});

/** Every line of the .ann files of these documents, with its file. */
function spansIn(folder: string, documents: ReadonlySet<string>): Set<string> {
  const files = readdirSync(folder).filter((name) => documents.has(name.replace(/\.ann$/, '')));
  return new Set(
    files.flatMap((name) =>
      readFileSync(join(folder, name), 'utf8')
        .split('\n')
        .filter(Boolean)
        .map((line) => `${name} ${line.replace(/^T\d+/, '')}`),
    ),
  );
}
