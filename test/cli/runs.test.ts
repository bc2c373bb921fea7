import { describe, expect, test } from '@jest/globals';
import { existsSync, linkSync, mkdirSync, readdirSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { runProgram } from '../../src/cli/program.js';
import { formatConfig } from '../../src/config/format.js';
import { evaluateSpans } from '../../src/eval/evaluation.js';
import { lockRun } from '../../src/runFolder/lock.js';
import { captureOutput } from '../support/captureOutput.js';
import { temporaryFolders } from '../support/temporaryFolder.js';
import { tinyConfig } from '../support/tinyRun.js';

const folder = temporaryFolders();
const runs = (...args: string[]) => captureOutput(() => runProgram(['runs', ...args]));

const record = {
  started: '2026-01-02T03:04:05.000Z',
  versions: { meddoprof: '0.1.0', node: '20.0.0' },
  engine: { name: 'native', device: 'cpu', description: 'TensorFlow' },
  hardware: { processor: 'x', threads: 2, memoryGiB: 8 },
  git: null,
  seed: 1,
  command: ['train', 'my.yaml'],
  corpus: { folder: 'corpus', hash: 'abc', documents: 3 },
};
const epoch = {
  kind: 'epoch',
  step: 9,
  epoch: 0,
  isBest: true,
  seconds: 1,
  f1: 0.25,
  tasks: { ner: { f1: 0.25 } },
  words: {},
};

/** Writes the folder of a run; `files` are more of its files, by name. Nothing has changed it for `days`. */
function writeRun(path: string, files: Record<string, unknown> = {}, days = 0): string {
  mkdirSync(path, { recursive: true });
  const all = { 'run.json': record, 'metrics.jsonl': epoch, ...files };
  for (const [name, content] of Object.entries(all)) {
    mkdirSync(dirname(join(path, name)), { recursive: true });
    writeFileSync(join(path, name), JSON.stringify(content));
  }
  writeFileSync(join(path, 'config.yaml'), formatConfig(tinyConfig({ data: { corpus: 'corpus' } })));
  const then = Date.now() / 1000 - days * 86_400;
  for (const name of [...readdirSync(path).map((entry) => join(path, entry)), path])
    utimesSync(name, then, then);
  return path;
}
const span = { label: 'PROFESION', start: 0, end: 1 };
const gold = new Map([['a', [span, { ...span, start: 5, end: 6 }]]]);
const found = new Map([['a', [span, { ...span, start: 7, end: 9 }]]]);
const scores = evaluateSpans(gold, found, ['PROFESION']); // F1 .5
const finished = { 'evaluation.json': { ner: scores } };
const failed = { 'failure.json': { at: '', message: 'the disk is full' } };

describe('meddoprof runs', () => {
  test('lists runs, those of experiments too, with state, epochs, scores, age and size', async () => {
    const root = folder();
    writeRun(join(root, 'a-1'), finished, 3);
    writeRun(join(root, 'paper/b-1'), failed);
    writeRun(join(root, 'paper/b-2'));
    writeRun(join(root, 'paper/b-3'), { 'run.json': { ...record, versions: { meddoprof: '0.0.1' } } });
    writeFileSync(join(root, 'paper/b-3/config.yaml'), 'oldOption: 1\n');
    mkdirSync(join(root, 'notes'));
    const { stdout, value } = await runs(root);
    expect(value).toBe(0);
    const lines = stdout.replaceAll(`${root}/`, '').trimEnd().split('\n');
    expect(lines.map((line) => line.replaceAll(/ {2,}/g, ' | '))).toEqual([
      'run | state | epochs | ner F1 | changed | size',
      expect.stringMatching(/^a-1 \| finished \| 1\/2 \| \.500 \| 3 days ago \| /),
      expect.stringMatching(/^paper\/b-1 \| failed \| 1\/2 \| \.250 \| \d s ago \| /),
      expect.stringMatching(/^paper\/b-2 \| interrupted \| 1\/2 \| \.250 \| /),
      expect.stringMatching(/^paper\/b-3 \| unreadable \| 1 \| \.250 \| /),
      '',
      'paper/b-1: the disk is full',
      expect.stringMatching(
        /^paper\/b-3: paper\/b-3 was made by version 0\.0\.1 of meddoprof, .*oldOption is unknown/,
      ),
    ]);
  });

  test.each([
    ['run.json', '{"started": "2026', /run\.json cannot be read as the record of a run: it is not JSON/],
    ['run.json', '', /run\.json cannot be read as the record of a run: it is empty/],
    ['run.json', '{"format": 9}', /run\.json was made by a newer meddoprof/],
    ['metrics.jsonl', '{"kind":"epoch"\n{}\n', /metrics\.jsonl:1 cannot be read/],
    ['evaluation.json', '[]', /evaluation\.json cannot be read as the evaluation of a run/],
    ['evaluation.json', '{"format": 9}', /evaluation\.json was made by a newer meddoprof/],
  ])('shows a run as damaged whose %s holds %j, and the others as they are', async (name, text, reason) => {
    const root = folder();
    writeRun(join(root, 'a'), finished);
    const damaged = writeRun(join(root, 'b'), { ...finished, 'split.json': {} });
    writeFileSync(join(damaged, name), text);
    const { stdout, value } = await runs(root);
    expect(value).toBe(0);
    expect(stdout).toMatch(/\/a +finished/);
    expect(stdout).toMatch(/\/b +damaged/);
    expect(stdout).toMatch(reason);
    const shown = JSON.parse((await runs(root, '--json')).stdout) as unknown;
    expect(shown).toMatchObject([
      { state: 'finished', f1: { ner: 0.5 } },
      { state: 'damaged', reason: expect.stringMatching(reason) },
    ]);
  });

  test('a failed run whose failure.json is damaged has failed, with that for a reason', async () => {
    const run = writeRun(join(folder(), 'a'));
    writeFileSync(join(run, 'failure.json'), '{"at');
    expect(JSON.parse((await runs(run, '--json')).stdout)).toMatchObject([
      { state: 'failed', reason: expect.stringMatching(/failure\.json cannot be read/) },
    ]);
  });

  test('a run whose lock cannot be read is damaged, and the others are listed', async () => {
    const root = folder();
    writeRun(join(root, 'a'));
    mkdirSync(join(writeRun(join(root, 'b')), 'lock.json'));
    expect(JSON.parse((await runs(root, '--json')).stdout)).toMatchObject([
      { state: 'interrupted' },
      { state: 'damaged', reason: expect.stringMatching(/lock\.json cannot be read: it is a folder/) },
    ]);
  });

  test("leaves somebody else's run.json alone", async () => {
    const root = folder();
    mkdirSync(join(root, 'theirs'));
    writeFileSync(join(root, 'theirs/run.json'), 'not json');
    expect(JSON.parse((await runs(root, '--json')).stdout)).toEqual([]);
  });

  test('tells a run that is running by its lock', async () => {
    const run = writeRun(join(folder(), 'a'));
    const unlock = await lockRun(join(run, 'lock.json'));
    const { stdout } = await runs(run, '--json');
    unlock();
    expect(JSON.parse(stdout)).toMatchObject([{ state: 'running', reason: expect.stringContaining(String(process.pid)) }]); // prettier-ignore
    const after = await runs(run, '--json');
    expect(JSON.parse(after.stdout)).toMatchObject([{ state: 'interrupted' }]);
  });

  test('is interrupted where codes were to be evaluated, and were not', async () => {
    const run = writeRun(join(folder(), 'a'), {
      'evaluation.json': { ner: scores, norm: scores },
      'normalizer/normalizer.json': {},
    });
    expect(JSON.parse((await runs(run, '--json')).stdout)).toMatchObject([{ state: 'interrupted' }]);
  });

  test('is interrupted where all is evaluated but evaluation.json, which is written last', async () => {
    const { 'evaluation.json': _, ...others } = finished as Record<string, object>;
    const run = writeRun(join(folder(), 'a'), { ...others, 'normalization.json': {}, 'codings.json': {} });
    expect(JSON.parse((await runs(run, '--json')).stdout)).toMatchObject([{ state: 'interrupted' }]);
  });

  test('counts the bytes of a file with two names once', async () => {
    const run = writeRun(join(folder(), 'a'));
    const size = async () => (JSON.parse((await runs(run, '--json')).stdout) as { size: number }[])[0]!.size;
    const before = await size();
    writeFileSync(join(run, 'weights'), Buffer.alloc(1000));
    linkSync(join(run, 'weights'), join(run, 'best'));
    expect(await size()).toBe(before + 1000);
  });

  test('show tells what a run was made with', async () => {
    const run = writeRun(join(folder(), 'a'), finished);
    const { stdout } = await runs('show', run);
    expect(stdout).toMatch(/^state {4}finished$/m);
    expect(stdout).toMatch(/^command {2}meddoprof train my\.yaml$/m);
    expect(JSON.parse((await runs('show', run, '--json')).stdout)).toMatchObject({
      record,
      f1: { ner: 0.5 },
    });
  });

  test('show of a folder that is no run is an error', async () => {
    const { stderr, value } = await runs('show', folder());
    expect(value).toBe(1);
    expect(stderr).toMatch(/is no run: it has no run\.json that meddoprof wrote/);
  });

  test('of a folder that is not there is an error', async () => {
    const { stderr, value } = await runs('nowhere');
    expect({ stderr, value }).toEqual({
      stderr: 'error: nowhere is no folder of runs: name one that is there\n',
      value: 1,
    });
  });
});

describe('meddoprof runs clean', () => {
  const old = () => {
    const root = folder();
    writeRun(join(root, 'finished'), finished, 9);
    writeRun(join(root, 'failed'), failed, 9);
    writeRun(join(root, 'young'), finished, 6);
    mkdirSync(join(root, 'mine'));
    writeFileSync(join(root, 'mine/config.yaml'), 'seed: 1\n');
    utimesSync(join(root, 'mine'), 1, 1);
    return root;
  };

  test('removes runs that are old enough, and nothing that is no run', async () => {
    const root = old();
    const { stdout, value } = await runs('clean', root, '--older-than', '7d', '--yes', '--json');
    expect(value).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ removed: [join(root, 'failed'), join(root, 'finished')] });
    expect(readdirSync(root).sort()).toEqual(['mine', 'young']);
  });

  test('removes those of one state with --state', async () => {
    const root = old();
    await runs('clean', root, '--older-than', '1w', '--state', 'failed', '--yes');
    expect(readdirSync(root).sort()).toEqual(['finished', 'mine', 'young']);
  });

  test('never removes one that is running', async () => {
    const root = old();
    const unlock = await lockRun(join(root, 'failed/lock.json'));
    await runs('clean', root, '--older-than', '0h', '--yes');
    expect(existsSync(join(root, 'failed/run.json'))).toBe(true);
    unlock();
  });

  test('refuses without --yes where nobody can be asked', async () => {
    const root = old();
    const { stderr, value } = await runs('clean', root, '--older-than', '7d');
    expect(value).toBe(2);
    expect(stderr).toMatch(/^error: 2 runs would be removed \(.*failed, .*finished\): say so with --yes/);
    expect(readdirSync(root)).toHaveLength(4);
  });

  test.each([
    [['clean'], 'runs clean needs --older-than, 7d for seven days'],
    [['clean', '--older-than', 'long'], '--older-than long: write it as 12h, 7d or 2w'],
    [['list', '--yes'], '--older-than, --state and --yes are for runs clean'],
    [['shwo', 'x'], 'runs has no shwo; it has list, show and clean'],
    [['show'], 'name the run: meddoprof runs show RUN'],
  ])('%j is wrong usage', async (args, message) => {
    const { stderr, value } = await runs(...args);
    expect({ stderr, value }).toEqual({ stderr: `error: ${message}\n`, value: 2 });
  });
});
