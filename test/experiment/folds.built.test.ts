import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readSplit } from '../../src/data/split.js';
import { runBuilt } from '../support/builtProgram.js';
import { interruptExperiment, runExperimentFile, writeExperiment } from '../support/experiment.js';
import { resultOf } from '../support/runFolder.js';

const patient = 600_000; // ms, for a machine that has other things to do
const text = `split: 5
folds: 2
variants:
  default: { config: tiny.yaml, set: { data.validationShare: 0.25 } }
`;

describe('an experiment with folds', () => {
  let root: string;
  let file: string;
  let first: Awaited<ReturnType<typeof runExperimentFile>>;
  const run = (name: string) => join(root, 'runs', name);
  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), 'meddoprof-'));
    file = await writeExperiment(root, text, { data: { split: null } });
    await interruptExperiment(file, /epoch 0/, (pid) => process.kill(pid, 'SIGTERM'));
    first = await runExperimentFile(file);
  }, patient);
  afterAll(() => rmSync(root, { recursive: true }));

  test('trains a run for each, and goes on with one that was cut off', () => {
    expect(first.runs).toMatchObject({
      'default-1-f1': { state: 'finished', did: expect.stringMatching(/resumed|nothing/) },
      'default-1-f2': { state: 'finished' },
    });
  });

  test('scores every document in one of them', async () => {
    const splits = await Promise.all([1, 2].map((fold) => readSplit(join(run(`default-1-f${fold}`), 'split.json')))); // prettier-ignore
    const [one, two] = splits.map(({ test: fold }) => fold!);
    expect(new Set([...one!, ...two!]).size).toBe(one!.length + two!.length);
    expect([...splits[0]!.training, ...splits[0]!.validation].sort()).toEqual(two);
  });

  test(
    'has the run of a fold that `train` makes by hand, to the bit',
    async () => {
      const byHand = join(root, 'by-hand');
      const settings = ['data.folds=2', 'data.fold=2', 'data.splitSeed=5', 'data.validationShare=0.25'];
      const set = settings.flatMap((setting) => ['--set', setting]);
      const { status } = await runBuilt(['train', join(root, 'tiny.yaml'), '--out', byHand, ...set]);
      expect(status).toBe(0);
      expect(resultOf(byHand)).toEqual(resultOf(run('default-1-f2')));
    },
    patient,
  );

  test('is compared, listed by `runs`, and submitted fold by fold', async () => {
    const compared = await runBuilt(['compare', file, '--folder', join(root, 'runs'), '--resamples', '100']);
    expect(compared.stdout).toContain('by the one of 2 models');
    const listed = await runBuilt(['runs', join(root, 'runs')]);
    expect(listed.stdout).toMatch(/default-1-f1.*finished[^]*default-1-f2.*finished/);
    const submitted = await runBuilt(['train', file, '--out', join(root, 'other'), '--slurm', '--dry-run']);
    expect(submitted.stdout).toMatch(/^#SBATCH --array=0-1$/m);
    expect(submitted.stdout).toMatch(/^runs=\(default-1-f1 default-1-f2\)$/m);
  });

  test(
    'that wants more folds than there are documents says so in its plan, and before anything starts',
    async () => {
      const variants = `variants:
  default: { config: tiny.yaml }
  other: { config: other.yaml }
folds: 9
`;
      const few = await writeExperiment(join(root, 'few'), variants, { data: { split: null } });
      writeFileSync(join(root, 'few/other.yaml'), 'extends: tiny.yaml\ndata: { corpus: none }\n');
      const reason =
        'data.folds is 9, and the corpus has 8 documents with different texts: take fewer folds.';
      const plan = await runExperimentFile(few, '--dry-run');
      expect(plan.runs['default-1-f1']).toMatchObject({ state: 'refused', reason });
      expect(plan.runs['other-1-f9']!).toMatchObject({
        state: 'refused',
        reason: expect.stringMatching(/none/),
      });
      const { status, stderr, runs } = await runExperimentFile(
        few,
        '--only',
        'default-1-f1',
        '--only',
        'default-1-f2',
      );
      expect(status).toBe(1);
      expect(runs['default-1-f2']).toMatchObject({ state: 'refused', did: 'nothing', reason });
      expect(stderr.split('\n')[0]).toBe(`default-1-f1 and 1 more cannot run: ${reason}`);
    },
    patient,
  );
});
