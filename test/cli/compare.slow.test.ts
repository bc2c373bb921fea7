import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { cpSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parse } from 'csv-parse/sync';
import type { Comparison } from '../../src/compare/comparison.js';
import { runProgram } from '../../src/cli/program.js';
import { formatConfig } from '../../src/config/format.js';
import type { Config } from '../../src/config/schema.js';
import * as library from '../../src/library/runs.js';
import { captureOutput } from '../support/captureOutput.js';
import { writeFiles } from '../support/corpus.js';
import { writeFinishedRun } from '../support/finishedRun.js';
import { tinyRun } from '../support/tinyRun.js';

let root: string;
let config: Config;
const at = (...parts: string[]) => join(root, ...parts);
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'meddoprof-'));
  ({ config } = await tinyRun(root, {}, 60));
  const large = { ...config, model: { ...config.model, lstmUnits: 9 } };
  for (const seed of [1, 2]) {
    await writeFinishedRun(config, { folder: at('runs', `small_units-${seed}`), seed, skill: 80 + seed });
    await writeFinishedRun(large, { folder: at('runs', `large-${seed}`), seed, skill: 60 });
  }
});
afterAll(() => rmSync(root, { recursive: true }));

async function compare(...args: string[]) {
  const { value, ...output } = await captureOutput(() =>
    runProgram(['compare', '--resamples', '300', ...args]),
  );
  return { ...output, status: value };
}
const runs = () => ['small_units-1', 'small_units-2', 'large-1', 'large-2'].map((name) => at('runs', name));

describe('meddoprof compare', () => {
  test('prints tables that fit 100 columns, with what their columns are', async () => {
    const { stdout, stderr, status } = await compare(...runs());
    expect([status, stderr]).toEqual([0, '']);
    for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(100);
    expect(stdout).toMatch(
      /^ner +P +R +F1 +95 % of F1 +diff\. +p +Holm\nall \(\d+\)\n {2}small_units +\.\d{3} ±\.\d{3}/,
    );
    expect(stdout).toMatch(/small_units .* baseline\n {2}large .* −\.\d{3} +[.<]\d/);
    expect(stdout).toMatch(/\nF1 by epoch +0 +1\nner\n {2}small_units +\.400 ±\.000 +\.600 ±\.000\n/);
    expect(stdout).toMatch(/\nlarge +2 +2 min +1 h 00 min +2\.0 GiB\n/);
    expect(stdout).toMatch(/over seeds \(small_units 1, 2; large 1, 2\)/);
    expect(stdout).toMatch(/percentile bootstrap over the 12 documents, of the mean \(300 resamples\)/);
    expect(stdout).toMatch(/Holm: the same, corrected\s+over all 10 tests\./);
    expect(stdout).not.toMatch(/deviation is unknown/);
  });

  test('says that one seed has no deviation', async () => {
    const { stdout } = await compare(...runs().slice(1));
    expect(stdout).toMatch(/\n {2}small_units +\.\d{3} +\.\d{3} +\.\d{3} +\[/);
    expect(stdout).toMatch(/One seed only, so that the deviation is unknown: small_units\./);
  });

  test('prints the same as JSON, and with all digits as CSV', async () => {
    const comparison = JSON.parse((await compare(...runs(), '--json')).stdout) as Comparison;
    const rows = parse((await compare(...runs(), '--csv')).stdout, { columns: true }) as Record<
      string,
      string
    >[];
    expect(rows).toHaveLength(10 * 2);
    for (const { track, label, variant, ...row } of rows) {
      const { all, labels } = comparison.variants.find(({ name }) => name === variant)!.tracks[track!]!;
      const { f1, difference, spans } = label === 'all' ? all : labels[label!]!;
      const { mean, deviation, interval } = f1;
      expect([row.f1, row.f1_deviation, row.f1_low, row.f1_high].map(Number)).toEqual([
        mean,
        deviation,
        ...interval,
      ]);
      expect(row.p_holm).toBe(difference ? String(difference.adjusted) : '');
      expect([row.runs, row.spans]).toEqual(['2', String(spans)]);
    }
  });

  test('prints Markdown whose rows have as many cells as their header', async () => {
    const { stdout } = await compare(...runs(), '--markdown');
    const tables = stdout.split('\n\n').filter((part) => part.startsWith('|'));
    expect(tables).toHaveLength(5); // three tracks, the curves, time and memory
    for (const table of tables)
      expect(new Set(table.split('\n').map((line) => line.split(' | ').length)).size).toBe(1);
    expect(stdout).toMatch(/^\| ner \| P \| R \| F1 \|.*\n\| --- \|.*\n\| \*\*all \(\d+\)\*\* \|/);
    expect(stdout).toContain('| small\\_units | .');
  });

  test('prints a LaTeX table with balanced groups and nothing that TeX would take for its own', async () => {
    const { stdout } = await compare(...runs(), '--latex');
    for (const line of ['\\toprule', '\\midrule', '\\bottomrule', '\\begin{tabular}{llllllll}'])
      expect(stdout).toContain(line);
    expect(stdout).toMatch(
      /\n {4}\\quad small\\_units & \{\.\d{3} \$\\pm\$\.\d{3}\} & .* & \{baseline\} & \{\} & \{\} \\\\\n/,
    );
    const rows = stdout.split('\n').filter((line) => line.includes('&'));
    for (const row of rows) expect(row.replaceAll('\\&', '').split('&')).toHaveLength(8);
    expect(stdout.replace(/\\[{}]/g, '').split('{').length).toBe(
      stdout.replace(/\\[{}]/g, '').split('}').length,
    );
    const [, ...body] = stdout.split('\n');
    expect(body.join('\n')).not.toMatch(/(?<!\\)[%#_]|[^\x20-\x7e\n]/);
  });

  test('goes on without runs that cannot be compared, and says why', async () => {
    cpSync(at('runs/large-2'), at('runs/unfinished'), { recursive: true });
    rmSync(at('runs/unfinished/evaluation.json'));
    cpSync(at('runs/large-2'), at('runs/empty'), { recursive: true });
    rmSync(at('runs/empty/predictions'), { recursive: true });
    cpSync(at('runs/large-2'), at('runs/altered'), { recursive: true });
    const annotations = at('runs/altered/predictions/task1');
    for (const name of readdirSync(annotations)) writeFileSync(join(annotations, name), '');
    const bad = ['unfinished', 'empty', 'nowhere', 'altered'].map((name) => at('runs', name));
    const { stdout, stderr, status } = await compare(...runs(), ...bad);
    expect(status).toBe(0);
    expect(stderr.trimEnd().split('\n')).toEqual([
      expect.stringMatching(/^Left out: .*unfinished is not finished/),
      expect.stringMatching(/^Left out: .*empty has no predictions/),
      expect.stringMatching(/^Left out: .*nowhere does not exist/),
      expect.stringMatching(/^Left out: .*altered: its predictions give ner an F1 of 0\.0000, and its/),
    ]);
    expect(stdout).toBe((await compare(...runs())).stdout);
    const printed = JSON.parse((await compare(...runs(), ...bad, '--json')).stdout) as Comparison;
    expect(printed.leftOut).toEqual(stderr.trimEnd().replaceAll('Left out: ', '').split('\n'));
    const options = { resamples: 300, permutations: 300 };
    expect(await library.compare([...runs(), ...bad], options)).toEqual(printed);
    const alone = await compare(runs()[0]!, ...bad);
    expect(alone.status).toBe(1);
    expect(alone.stderr).toMatch(
      /of 5 runs only one can be compared: .*unfinished is not finished.*; .*empty has no .*[^.]; .*nowhere does not exist; name the folder of a run; /,
    );
  });

  describe('of an experiment', () => {
    beforeAll(() => {
      const published = '[{name: "TALP (others)", task: class, recall: .645, f1: .698}]';
      const variants = [
        'small_units: {config: small.yaml}',
        'large: {config: small.yaml, set: {model.lstmUnits: 9}}',
      ];
      const experiment = (more: string[]) =>
        `seeds: [1, 2]\nbaseline: large\nvariants: {${[...variants, ...more].join(', ')}}\npublished: ${published}\n`;
      writeFiles(root, {
        'small.yaml': formatConfig(config),
        'trial.yaml': experiment([]),
        'more.yaml': experiment([
          'never: {config: small.yaml}',
          'lost: {config: gone.yaml}',
          'old: {config: small.yaml}',
        ]),
      });
      for (const name of ['lost-1', 'old-2'])
        cpSync(at('runs/large-1'), at('runs', name), { recursive: true });
    });

    test('takes its variants, its baseline, and the published rows beside', async () => {
      const { stdout, stderr, status } = await compare(at('trial.yaml'), '--folder', at('runs'));
      expect([status, stderr]).toEqual([0, '']);
      expect(stdout).toMatch(/\n {2}TALP \(others\) +– +\.645 +\.698 +published, test\n/);
      expect(stdout).toMatch(/\n {2}large .* baseline\n/);
      for (const line of stdout.split('\n')) expect(line.length).toBeLessThanOrEqual(100);
    });

    test('leaves out what is not trained, or not as the file says, and says so', async () => {
      const { stdout, stderr } = await compare(at('more.yaml'), '--folder', at('runs'));
      expect(stderr.trimEnd().split('\n')).toEqual([
        expect.stringMatching(/^Left out: .*never-1 does not exist/),
        expect.stringMatching(/^Left out: .*never-2 does not exist/),
        expect.stringMatching(/^Left out: .*lost-1: .*gone\.yaml/),
        expect.stringMatching(/^Left out: .*lost-2 does not exist/),
        expect.stringMatching(/^Left out: .*old-1 does not exist/),
        expect.stringMatching(
          /^Left out: .*old-2 was trained with another config than .*more\.yaml says: seed was 1 and is 2; train it again\.$/,
        ),
      ]);
      expect(stdout).toBe((await compare(at('trial.yaml'), '--folder', at('runs'))).stdout);
    });
  });
});

test.each([
  [['a'], 'name two runs or more, or an experiment file'],
  [['a', 'a/'], 'error: a and a/ are the same folder: name two runs or more, or an experiment file\n'],
  [['a', 'b.yaml'], 'b.yaml is a file: name one experiment file, or folders of runs'],
  [['a', 'b', '--folder', 'c'], 'name an experiment file'],
  [['a', 'b', '--csv', '--latex'], '--csv and --latex exclude each other'],
  [['a', 'b', '--resamples', '1'], '--resamples needs a whole number, 100 to 1,000,000'],
  [['a', 'b', '--set', 'seed=3'], 'compare takes --set data.corpus, data.format, data.norm, data.codes only'],
])('says what is wrong with the usage %j', async (args, message) => {
  const { stderr, value } = await captureOutput(() => runProgram(['compare', ...args]));
  expect(stderr).toContain(message);
  expect(value).toBe(2);
});
