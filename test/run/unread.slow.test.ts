import { afterEach, describe, expect, test } from '@jest/globals';
import { cpSync, existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { runProgram } from '../../src/cli/program.js';
import type { CorpusCheck } from '../../src/eval/check.js';
import { captureOutput } from '../support/captureOutput.js';
import { fixtureFolder } from '../support/fixtures.js';
import { saveTinyModel } from '../support/savedModel.js';
import { temporaryFolders } from '../support/temporaryFolder.js';

const folder = temporaryFolders();
afterEach(() => {
  process.exitCode = undefined;
});

async function run(...args: string[]) {
  const { value, ...output } = await captureOutput(() => runProgram(args));
  return { ...output, status: value };
}

/** A corpus of eight documents, with two tables beside them, and a config that trains on it in a second. */
function given() {
  const place = folder();
  const corpus = join(place, 'corpus');
  cpSync(join(fixtureFolder, 'cases/corpus'), corpus, { recursive: true });
  const config = join(place, 'tiny.yaml');
  writeFileSync(
    config,
    `tasks: { ner: { folder: task1, labels: [PROFESION] } }
data: { corpus: ${corpus}, windowPieces: 32, windowStride: 16 }
encoder: { random: { hidden: 16, layers: 1, heads: 2, intermediate: 32, vocabularySize: 200 } }
model: { lstmUnits: 16 }
training: { batchSize: 2, epochs: { count: 1, rate: 1e-2, pattern: [full] }, warmupSteps: 1 }
`,
  );
  return { place, corpus, task: join(corpus, 'task1'), config };
}

describe('what check warns of', () => {
  test.each([[['--dry-run', '--json']], [[]]])('train tells, too: %j', async (options) => {
    const { config, corpus, place, task } = given();
    writeFileSync(join(task, 'otra.txt'), 'Es jueza.');
    writeFileSync(join(task, 'otra.ann'), 'T1\tPROFESSION 3 8\tjueza\n');
    const where = options.length > 0 ? [] : ['--out', join(place, 'run')];
    const { stderr, stdout, status } = await run('train', config, ...options, ...where);
    expect(status).toBe(0);
    const warnings = [
      `warning: ${task}: 1 span has the label PROFESSION, which task ner does not list; ignored.`,
      `warning: ${corpus}: 2 .tsv files (metadata, norm); no codes are read unless data.norm names one.`,
      `meddoprof check ${corpus} shows all (with --config, by its tasks and labels).`,
    ];
    expect(stderr).toContain(`${warnings.join('\n')}\n`);
    if (options.includes('--json')) expect(JSON.parse(stdout).warnings).toEqual(warnings);
  });

  test('of discontinuous spans and spans given twice train tells the first ones and how many', async () => {
    const { config, task } = given();
    const lines = [
      'T1\tPROFESION 0 2;3 5\tx y\n',
      'T1\tPROFESION 0 2;3 6\tx y\n',
      'T1\tPROFESION 0 2;3 7\tx y\n',
    ];
    writeFileSync(join(task, 'd0.ann'), lines.join(''));
    const { stderr, status } = await run('train', config, '--dry-run');
    expect(status).toBe(0);
    expect(stderr.match(/d0\.ann:\d: .*discontinuous/g)).toHaveLength(2);
    expect(stderr).toContain('warning: and 1 more of this kind (discontinuous)\n');
  });

  test('nothing is told of a corpus in which all is read', async () => {
    const { config, corpus } = given();
    rmSync(join(corpus, 'metadata.tsv'));
    rmSync(join(corpus, 'norm.tsv'));
    const { stderr, stdout } = await run('train', config, '--dry-run', '--json');
    expect(stderr).toBe('');
    expect(JSON.parse(stdout).warnings).toEqual([]);
  });
});

describe('files that end in .TXT and .ANN, and folders with texts', () => {
  /** Of the eight documents one is in capital letters, and one in a folder of its own. */
  function misplaced() {
    const { corpus, task, ...others } = given();
    mkdirSync(join(task, 'ward2'));
    for (const ending of ['txt', 'ann']) {
      renameSync(join(task, `d0.${ending}`), join(task, `d0.${ending.toUpperCase()}`));
      renameSync(join(task, `d1.${ending}`), join(task, 'ward2', `d1.${ending}`));
    }
    const told = [
      `${task}: not read: 2 files (d0.ANN, d0.TXT); rename what is a text or its annotations, so that it ends in .txt or .ann.`,
      `${task}: not read: 1 folder (ward2) with texts; put them into ${task} itself.`,
    ];
    return { corpus, task, told, ...others };
  }

  test('are named by check', async () => {
    const { corpus, config, told } = misplaced();
    const { stdout, status } = await run('check', corpus, '--config', config);
    expect(status).toBe(0);
    for (const line of told) expect(stdout).toContain(`warning: ${line}\n`);
    const { stdout: json } = await run('check', corpus, '--config', config, '--json');
    const { facts, faults } = JSON.parse(json) as CorpusCheck;
    expect(facts.documents).toBe(6);
    expect(faults.filter(({ kind }) => kind === 'unread')).toHaveLength(2);
  });

  test('are named by train', async () => {
    const { config, told } = misplaced();
    const { stderr } = await run('train', config, '--dry-run');
    for (const line of told) expect(stderr).toContain(`warning: ${line}\n`);
  });

  test('are named by predict', async () => {
    const { place, task, told } = misplaced();
    const model = join(place, 'model');
    await saveTinyModel(model, 'tiny-distilbert');
    const { stderr, stdout, status } = await run(
      ...['predict', model, '--input', task, '--out', join(place, 'out'), '--engine', 'wasm', '--json'],
    );
    expect(status).toBe(0);
    for (const line of told) expect(stderr).toContain(`warning: ${line}\n`);
    expect(JSON.parse(stdout).documents).toBe(6);
  });

  test('are named once by predict where there is nothing else', async () => {
    const { place, corpus } = given();
    const model = join(place, 'model');
    await saveTinyModel(model, 'tiny-distilbert');
    const { stderr, status } = await run(
      ...['predict', model, '--input', corpus, '--out', join(place, 'out'), '--engine', 'wasm'],
    );
    expect(status).toBe(1);
    expect(stderr).toMatch(/^error: The folder .* has no \.txt files\. not read: 1 folder \(task1\)/m);
    expect(stderr.match(/not read: /g)).toHaveLength(1);
  });

  test('are named where there is nothing else', async () => {
    const { task, config } = given();
    for (let i = 0; i < 8; i++)
      for (const ending of ['txt', 'ann']) renameSync(join(task, `d${i}.${ending}`), join(task, `d${i}.${ending}`.toUpperCase())); // prettier-ignore
    const { stderr, status } = await run('train', config, '--dry-run');
    expect(status).toBe(1);
    expect(stderr).toMatch(
      /^error: No \.txt and \.ann files in .*not read: 16 files \(D0\.ANN, D0\.TXT, D1\.ANN, …\)/,
    );
  });

  test('folders of other tasks are no such folders', async () => {
    const { task, config } = given();
    cpSync(join(fixtureFolder, 'cases/corpus/task1'), join(task, 'inner'), { recursive: true });
    const two = ['--set', 'tasks.class={folder: task1/inner, labels: [PROFESION]}'];
    expect((await run('train', config, '--dry-run')).stderr).toContain('1 folder (inner)');
    expect((await run('train', config, '--dry-run', ...two)).stderr).not.toContain('inner');
  });
});

describe('a table that is none of codes', () => {
  test('is told with how to leave it out, and data.norm: none does', async () => {
    const { config, corpus, place } = given();
    rmSync(join(corpus, 'norm.tsv'));
    const { stderr, status } = await run('train', config, '--dry-run');
    expect(status).toBe(1);
    expect(stderr).toMatch(
      /^error: .*metadata\.tsv:1: the header has no column `filename`, .* leave it out with data\.norm: none \(--set data\.norm=none\)\.\n$/,
    );
    const out = join(place, 'run');
    const trained = await run('train', config, '--set', 'data.norm=none', '--out', out, '--json');
    expect(trained.status).toBe(0);
    expect(existsSync(join(out, 'normalizer'))).toBe(false);
  });

  test('which data.norm names is not said to be a guess', async () => {
    const { config, corpus } = given();
    const { stderr } = await run(
      'train',
      config,
      '--dry-run',
      '--set',
      `data.norm=${join(corpus, 'metadata.tsv')}`,
    );
    expect(stderr).toMatch(/the header has no column/);
    expect(stderr).not.toMatch(/none/);
  });

  test('that ends in .TSV is named', async () => {
    const { config, corpus } = given();
    rmSync(join(corpus, 'metadata.tsv'));
    renameSync(join(corpus, 'norm.tsv'), join(corpus, 'NORM.TSV'));
    const { stderr } = await run('train', config, '--dry-run');
    expect(stderr).toContain('NORM.TSV is not read as a table of codes: rename it, so that it ends in .tsv.');
  });
});
