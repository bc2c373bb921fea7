import { afterAll, afterEach, beforeAll, describe, expect, test } from '@jest/globals';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runProgram } from '../../src/cli/program.js';
import { formatConfig } from '../../src/config/format.js';
import { normRows } from '../support/normRows.js';
import { readSplit } from '../../src/data/split.js';
import { writeFiles } from '../support/corpus.js';
import { captureOutput } from '../support/captureOutput.js';
import { tinyRun } from '../support/tinyRun.js';

let root: string;
let config: string;
let corpus: string;
beforeAll(async () => {
  root = mkdtempSync(join(tmpdir(), 'meddoprof-'));
  const made = await tinyRun(root, { data: { codes: join(root, 'valid-codes.tsv') } }, 60);
  corpus = made.corpus;
  config = join(root, 'config.yaml');
  writeFileSync(config, formatConfig(made.config));
});
afterAll(() => rmSync(root, { recursive: true }));
afterEach(() => {
  process.exitCode = undefined;
});

async function normalize(...args: string[]) {
  const { value, ...output } = await captureOutput(() => runProgram(['normalize', config, ...args]));
  return { ...output, status: value };
}
const file = (name: string, content: string) => {
  writeFileSync(join(root, name), content);
  return join(root, name);
};

describe('meddoprof normalize', () => {
  test('scores codes for the gold spans of validation', async () => {
    const { status, stdout } = await normalize('--json');
    expect(status).toBe(0);
    const result = JSON.parse(stdout);
    const { validation } = await readSplit(join(root, 'split.json'));
    const gold = normRows(join(corpus, 'norm.tsv')).filter(({ filename }) => validation.includes(filename));
    expect(result.mentions).toBe(gold.length);
    expect(result.seen.mentions + result.unseen.mentions).toBe(gold.length);
    expect(result.accuracy).toBeGreaterThan(0.5);
    // every gold span has one code: precision and recall are the accuracy
    expect(result.official.f1).toBeCloseTo(result.accuracy, 10);
  });

  test('lists as many candidates as it is asked for, and scores the first five all the same', async () => {
    const { stdout: five } = await normalize('--json');
    const { stdout: one } = await normalize('--json', '--explain', '--candidates', '1');
    const { mentions, top5 } = JSON.parse(one);
    expect(top5).toBe(JSON.parse(five).top5);
    expect(top5).toBeGreaterThan(JSON.parse(five).accuracy); // or this could not fail
    for (const { coding } of mentions) expect(coding.candidates).toHaveLength(1);
  });

  test('prints tables of the same for people', async () => {
    const { stdout } = await normalize();
    expect(stdout).toMatch(/codes of gold spans +mentions +right +accuracy/);
    expect(stdout).toMatch(/not seen/);
    expect(stdout).toMatch(/MEDDOPROF official, micro, exact span and code, valid codes only: P /);
    expect(stdout).toMatch(/mentions a second/);
  });

  test('writes what evaluate scores alike', async () => {
    const out = join(root, 'gold.tsv');
    const { stdout } = await normalize('--json', '--out', out);
    const { stdout: scored } = await captureOutput(() =>
      runProgram([
        ...['evaluate', '--task', 'norm', '--gold', corpus, '--predictions', out, '--json', '--quiet'],
        ...['--split', join(root, 'split.json'), '--codes', join(root, 'valid-codes.tsv')],
      ]),
    );
    expect(JSON.parse(scored).f1).toBeCloseTo(JSON.parse(stdout).official.f1, 10);
  });

  test('finds codes for the mentions of a file, and explains them', async () => {
    const mentions = file('mentions.txt', 'Enfermera\nen paro\n');
    const { stdout } = await normalize('--mentions', mentions, '--explain');
    expect(stdout).toMatch(/^Enfermera\n/);
    expect(stdout).toMatch(/exact/);
    expect(stdout).toMatch(/lexical: label/);
    const { stdout: json } = await normalize('--mentions', mentions, '--json', '--candidates', '2');
    const { mentions: found } = JSON.parse(json);
    expect(found.map(({ text }: { text: string }) => text)).toEqual(['Enfermera', 'en paro']);
    for (const { coding } of found) expect(coding.candidates).toHaveLength(2);
  });

  test('finds and scores codes for the gold spans of all documents of another corpus', async () => {
    const out = join(root, 'all.tsv');
    const { stdout } = await normalize('--corpus', corpus, '--json', '--out', out);
    const gold = normRows(join(corpus, 'norm.tsv'));
    expect(JSON.parse(stdout).mentions).toBe(gold.length);
    expect(normRows(out).map(({ filename, span }) => [filename, span])).toEqual(
      gold.map(({ filename, span }) => [filename, span]),
    );
  });

  test('tells how many documents of another corpus have trained', async () => {
    const { training } = await readSplit(join(root, 'split.json'));
    const withCodes = new Set(normRows(join(corpus, 'norm.tsv')).map(({ filename }) => filename));
    const known = training.filter((name) => withCodes.has(name)).length;
    const { stderr } = await normalize('--corpus', corpus, '--json');
    expect(stderr).toContain(`${known} of the ${withCodes.size} documents with codes have the names of`);
    const other = writeFiles(join(root, 'other'), {
      'task1/other.txt': 'Es enfermera.',
      'task1/other.ann': 'T1\tPROFESION 3 12\tenfermera\n',
      'norm.tsv': 'filename\ttext\tspan\tcode\nother\tenfermera\t3 12\t2221.1\n',
    });
    const { stdout, ...ofOther } = await normalize('--corpus', other, '--json');
    expect(JSON.parse(stdout).mentions).toBe(1);
    expect(ofOther.stderr).not.toContain('that trained');
  });

  test('takes another corpus in the format that it is told, where names do not tell it', async () => {
    const tagged = file('tagged.txt', 'enfermera B-PROFESION\n');
    const { stdout, status } = await normalize('--corpus', tagged, '--format', 'conll', '--json');
    expect(status).toBe(0);
    expect(JSON.parse(stdout).mentions).toMatchObject([{ text: 'enfermera', filename: 'tagged' }]);
    expect((await normalize('--corpus', tagged)).stderr).toMatch(/: say which with --format \(/);
  });

  test("does not take the format of a run's own corpus for that of another", async () => {
    const args = ['normalize', root, '--corpus', corpus, '--set', 'data.format=conll']; // root has a config.yaml, as a run
    const { stderr, value } = await captureOutput(() => runProgram(args));
    expect(value).toBe(2);
    expect(stderr).toMatch(/give that of --corpus with --format\n$/);
  });

  test('finds codes for the gold spans of a corpus without codes', async () => {
    const bare = join(root, 'bare');
    writeFiles(bare, {
      'task1/a.txt': '\ufeff👩‍⚕️ es enfermera\r\nen\r\nparo.',
      'task1/a.ann': 'T1\tPROFESION 9 18\tenfermera\nT2\tSITUACION_LABORAL 20 28\ten\r\nparo\n'.replace(
        'en\r\nparo',
        'en  paro',
      ),
    });
    const out = join(root, 'bare.tsv');
    const { stdout, status } = await normalize('--corpus', bare, '--out', out);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^mention +code +label +score +distance\n/);
    expect(normRows(out)).toMatchObject([
      { filename: 'a', text: 'enfermera', span: { start: 9, end: 18 } },
      { filename: 'a', text: 'en\r\nparo', span: { start: 20, end: 28 } },
    ]);
  });

  test('writes a NORM table where the mentions say where they stand, else a plain one', async () => {
    const out = join(root, 'out.tsv');
    await normalize('--mentions', file('a.tsv', 'filename\ttext\tspan\na\tenfermera\t3 12\n'), '--out', out);
    expect(normRows(out)).toMatchObject([{ filename: 'a', text: 'enfermera', span: { start: 3, end: 12 } }]);
    await normalize('--mentions', file('b.txt', 'enfermera\n'), '--out', out);
    expect(readFileSync(out, 'utf8')).toMatch(/^text\tcode\tlabel\tscore\tdistance\nenfermera\t\S+\t/);
  });

  test.each([
    [['--candidates', '0'], 2, '--candidates needs a whole number'],
    [
      ['--mentions', 'a.txt', '--corpus', 'b'],
      2,
      '--mentions and --corpus exclude each other: give one of them',
    ],
    [['--format', 'conll'], 2, '--format is that of --corpus: name one'],
    [['--corpus', 'nowhere'], 1, 'The corpus folder nowhere does not exist'],
    [['--mentions', 'nowhere.txt'], 1, 'nowhere.txt cannot be read'],
    [['--set', 'normalization.task=neer'], 2, 'normalization.task is neer, and the tasks are ner, class'],
    [['--set', 'normalization.lexical.ngrams=[4,2]'], 2, 'the shortest length comes first'],
  ])('says what is wrong with %j', async (args, expected, message) => {
    const { status, stderr } = await normalize(...args);
    expect(stderr).toContain(message);
    expect(status).toBe(expected);
  });

  test('says so where there is nothing to find codes with', async () => {
    const table = file('none.tsv', 'filename\ttext\tspan\tcode\n');
    const { status, stderr } = await normalize('--set', `data.norm=${table}`, '--set', 'data.codes=null');
    expect(status).toBe(1);
    expect(stderr).toMatch(/has no codes in its training documents, and data\.codes names no table/);
  });
});
