import { afterEach, describe, expect, test } from '@jest/globals';
import { join } from 'node:path';
import { runProgram } from '../../src/cli/program.js';
import { captureOutput } from '../support/captureOutput.js';
import { writeFiles } from '../support/corpus.js';
import { temporaryFolders } from '../support/temporaryFolder.js';

const folder = temporaryFolders();
afterEach(() => {
  process.exitCode = undefined;
});

const gold = 'T1\tA 3 9\tmédica\nT2\tB 15 20\tjueza\nT3\tA 25 29\tpaje\n';
const rows = 'filename\ttext\tspan\tcode\na\tx\t0 6\t2212\na\tx\t8 9\tSCTID: 1\n';
const files = {
  'config.yaml': 'data: {corpus: ignored}\ntasks: {jobs: {folder: task1, labels: [A, B]}}\n',
  'gold/task1/a.ann': gold,
  'gold/task1/a.txt': 'La médica y la jueza; el paje.',
  'gold/norm.tsv': rows,
  'pred/task1/a.ann': 'T1\tA 3 9\tmédica\nT2\tA 15 20\tjueza\n',
  'pred/norm.tsv': rows.replace('2212', '2211.1'),
};

/** Runs `evaluate` on the folders gold and pred of `files`. */
async function evaluate(...options: string[]) {
  return evaluateFiles(files, ...options);
}

async function evaluateFiles(contents: Record<string, string>, ...options: string[]) {
  const place = writeFiles(folder(), contents);
  const paths = ['--gold', join(place, 'gold'), '--predictions', join(place, 'pred')];
  const config = options.includes('norm') ? [] : ['--config', join(place, 'config.yaml')];
  const { value, ...output } = await captureOutput(() =>
    runProgram(['evaluate', ...paths, ...config, ...options]),
  );
  return { ...output, status: value };
}

/** A second document, which training had: all its spans are missed. */
const trained = { 'gold/task1/b.ann': gold, 'gold/norm.tsv': `${rows}b\tx\t0 6\t2212\n` };
const split = JSON.stringify({ seed: 1, training: ['b'], validation: ['a'] });

describe('evaluate', () => {
  test('prints the official scores, then per label, then the kinds of errors, then words', async () => {
    const { stdout, status } = await evaluate('--task', 'jobs');
    expect(status).toBe(0);
    expect(stdout.split('\n')).toEqual([
      'MEDDOPROF official, micro, exact',
      'precision  recall    F1  correct  wrong  missed',
      '     .500    .333  .400        1      1       2',
      '',
      'per label  precision  recall    F1  correct  wrong  missed',
      'A               .500    .500  .500        1      1       1',
      'B               .000    .000  .000        0      0       1',
      'macro                         .250',
      '',
      'kinds of errors  correct  other label  other offsets  both other  missed  invented',
      'A                      1            0              0           0       1         0',
      'B                      0            1              0           0       0         0',
      'all                    1            1              0           0       1         0',
      '',
      'gold  taken for  times',
      'B     A              1',
      '',
      'by word  precision  recall    F1  correct  wrong  missed',
      'A             .500    .500  .500        1      1       1',
      'B             .000    .000  .000        0      0       1',
      'all           .500    .333  .400        1      1       2',
      '',
    ]);
  });

  test('shows as many examples of each kind of error as asked for', async () => {
    const { stdout } = await evaluate('--task', 'jobs', '--errors', '1');
    expect(stdout).toMatch(/other label {2}gold .*\na {12}B 15 20 "jueza" {2}A 15 20 "jueza"\n/);
    expect(stdout).toMatch(/missed {2}gold .*\na {7}A 25 29 "paje" +–\n/);
  });

  test('gives all of it as JSON', async () => {
    const { stdout } = await evaluate('--task', 'jobs', '--json', '--errors', '1');
    expect(JSON.parse(stdout)).toMatchObject({
      task: 'jobs',
      precision: 0.5,
      recall: 1 / 3,
      f1: 0.4,
      truePositives: 1,
      falsePositives: 1,
      falseNegatives: 2,
      perLabel: { A: { f1: 0.5 }, B: { f1: 0, falseNegatives: 1 } },
      macroF1: 0.25,
      errors: { outcomes: { correct: 1, label: 1, missed: 1 }, examples: { missed: [{ document: 'a' }] } },
      words: { truePositives: 1 },
    });
  });

  test('scores the labels that are given instead of those of the config', async () => {
    const { stdout } = await evaluate('--task', 'jobs', '--labels', 'A', '--json');
    expect(JSON.parse(stdout)).toMatchObject({ truePositives: 1, falsePositives: 1, falseNegatives: 1 });
  });

  test('scores codes, with a notice that every code counts', async () => {
    const { stdout, stderr } = await evaluate('--task', 'norm');
    expect(stdout).toContain('MEDDOPROF official, micro, exact span and code\n');
    expect(stdout).toContain('2212     2211.1      1\n');
    expect(stderr).toContain('Without a table of valid codes');
  });

  test('names labels that were given and are nowhere', async () => {
    const { stderr, status } = await evaluate('--task', 'jobs', '--labels', 'A,AA,B');
    expect([status, stderr]).toEqual([0, 'Labels that neither a gold span nor a prediction has: AA.\n']);
  });

  test.each([
    [['--task', 'none'], '--task none is none of jobs, norm'],
    [['--task', 'jobs', '--codes', 'x'], '--codes goes with --task norm only'],
    [['--task', 'jobs', '--errors', '-1'], '--errors needs a whole number'],
  ])('ends with status 2 for %j', async (options, message) => {
    const { stderr, status } = await evaluate(...options);
    expect(status).toBe(2);
    expect(stderr).toContain(message);
  });

  test('ends with status 1 and a sentence where nothing can be scored', async () => {
    const { stderr, status } = await evaluate('--task', 'jobs', '--labels', 'Z');
    expect(status).toBe(1);
    expect(stderr).toMatch(/^error: .*pred.* has no prediction labelled Z; its labels are A\.$/m);
  });
});

describe('evaluate --split', () => {
  test.each(['jobs', 'norm'])("scores a split's validation documents only (%s)", async (task) => {
    const file = join(writeFiles(folder(), { 'split.json': split }), 'split.json');
    const alone = await evaluate('--task', task, '--json');
    const among = await evaluateFiles({ ...files, ...trained }, '--task', task, '--json');
    const held = await evaluateFiles({ ...files, ...trained }, '--task', task, '--json', '--split', file);
    const { groups, ...scores } = JSON.parse(held.stdout);
    const { groups: expected, ...same } = JSON.parse(alone.stdout);
    expect(scores).toEqual(same);
    if (task === 'norm') expect(groups).toMatchObject(expected);
    expect(JSON.parse(among.stdout).falseNegatives).toBeGreaterThan(JSON.parse(alone.stdout).falseNegatives);
  });

  test.each(['jobs', 'norm'])('takes a run in place of its predictions and its split (%s)', async (task) => {
    const inRun = Object.entries(files).map(([name, text]) => [
      name.replace('pred/', 'run/predictions/'),
      text,
    ]);
    const place = writeFiles(folder(), {
      ...Object.fromEntries(inRun),
      ...trained,
      'run/run.json': '{}',
      'run/split.json': split,
      'run/metrics.jsonl': '{}\n',
    });
    const [gold, run] = [join(place, 'gold'), join(place, 'run')];
    const config = task === 'norm' ? [] : ['--config', join(place, 'config.yaml')];
    const of = async (predictions: string, split: string) => {
      const asked = ['--task', task, '--gold', gold, '--predictions', predictions, '--split', split];
      const { stdout } = await captureOutput(() => runProgram(['evaluate', ...asked, ...config, '--json']));
      return JSON.parse(stdout);
    };
    expect(await of(run, run)).toEqual(await of(join(run, 'predictions'), join(run, 'split.json')));
  });

  test('says of a run without predictions how it goes on', async () => {
    const run = { 'run/run.json': '{}', 'run/config.yaml': '', 'run/metrics.jsonl': '{}\n' };
    const place = join(writeFiles(folder(), run), 'run');
    const sides = ['--gold', place, '--predictions', place];
    const { stderr, value: status } = await captureOutput(() =>
      runProgram(['evaluate', '--task', 'norm', ...sides]),
    );
    expect(stderr).toContain(
      `${place} is a run without predictions, which it writes when it is trained; go on`,
    );
    expect(status).toBe(1);
  });

  test('tells codes that the training documents have from others', async () => {
    const file = join(writeFiles(folder(), { 'split.json': split }), 'split.json');
    const options = ['--task', 'norm', '--split', file];
    const { stdout } = await evaluateFiles({ ...files, ...trained }, ...options, '--json');
    const { groups } = JSON.parse(stdout);
    expect(Object.keys(groups)).toEqual(['ESCO', 'SNOMED CT', 'seen in training', 'not seen']);
    expect(groups['seen in training']).toMatchObject({ truePositives: 0, falseNegatives: 1 }); // 2212
    expect(groups['not seen']).toMatchObject({ truePositives: 1, falsePositives: 1 });
    const { stdout: table } = await evaluateFiles({ ...files, ...trained }, ...options);
    expect(table).toMatch(/^codes +precision .*\nESCO .*\nSNOMED CT .*\nseen in training .*\nnot seen /m);
  });

  test('names a file that is no split', async () => {
    const file = join(writeFiles(folder(), { 'split.json': '{}' }), 'split.json');
    const { stderr, status } = await evaluate('--task', 'jobs', '--split', file);
    expect([status, stderr]).toEqual([1, expect.stringContaining(`${file} cannot be read as a split`)]);
  });
});
