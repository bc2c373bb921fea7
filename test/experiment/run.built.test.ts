import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Lock } from '../../src/files/lock.js';
import { runBuilt } from '../support/builtProgram.js';
import { leaveLock } from '../support/deadLock.js';
import { interruptExperiment, runExperimentFile, writeExperiment } from '../support/experiment.js';
import { resultOf } from '../support/runFolder.js';

const patient = 600_000; // ms, for a machine that has other things to do

const text = `split: 5
variants:
  default: { config: tiny.yaml }
  bio: { config: tiny.yaml, set: { model.scheme: BIO } }
  lost: { config: none.yaml }
  weightless: { config: tiny.yaml, set: { encoder.weights: nowhere } }
`;

describe('an experiment', () => {
  let root: string;
  let file: string;
  let first: Awaited<ReturnType<typeof runExperimentFile>>;
  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), 'meddoprof-'));
    file = await writeExperiment(root, text);
    first = await runExperimentFile(file, '--jobs', '2');
  }, patient);
  afterAll(() => rmSync(root, { recursive: true }));

  test('runs every variant that can, and survives the failure of others', () => {
    expect(first.status).toBe(1);
    expect(first.runs).toMatchObject({
      'default-1': { state: 'finished', did: 'trained', f1: { ner: expect.any(Number) } },
      'bio-1': { state: 'finished', did: 'trained' },
      'lost-1': { state: 'refused', did: 'nothing', reason: expect.stringMatching(/none\.yaml: there is no such config file$/) }, // prettier-ignore
      'weightless-1': { state: 'failed', reason: expect.stringMatching(/^nowhere/), log: join(root, 'runs/weightless-1.log') }, // prettier-ignore
    });
  });

  test("tells each run's progress with its name in front, and keeps it in a log with the command", () => {
    expect(first.stderr).toMatch(/^bio-1 {9}epoch 0 done, validation: ner P/m);
    const log = readFileSync(first.runs['bio-1']!.log!, 'utf8');
    expect(log).toMatch(/^\$ meddoprof train \S+tiny\.yaml --out \S+bio-1 --set 'model\.scheme="BIO"'/);
    expect(log).toContain('epoch 0 done, validation: ner P');
  });

  test('trains with the seed, the split and the settings that it names', () => {
    const config = readFileSync(join(root, 'runs/bio-1/config.yaml'), 'utf8');
    expect(config).toMatch(/^seed: 1$/m);
    expect(config).toMatch(/splitSeed: 5$/m);
    expect(config).toMatch(/scheme: BIO$/m);
  });

  test('shares the processors out among trainings at the same time', () => {
    const { hardware } = JSON.parse(readFileSync(join(root, 'runs/bio-1/run.json'), 'utf8')) as {
      hardware: { threads: number };
    };
    expect(hardware.threads).toBe(Math.max(1, Math.floor(availableParallelism() / 2)));
  });

  test(
    'skips what is done, and tries again what failed',
    async () => {
      const before = resultOf(join(root, 'runs/bio-1'));
      const lock = join(root, 'runs/bio-1/lock.json');
      leaveLock(lock); // of a process that was killed at its very end
      const { runs, status } = await runExperimentFile(file);
      expect(existsSync(lock)).toBe(false);
      expect(status).toBe(1);
      expect(runs).toMatchObject({
        'default-1': { state: 'finished', did: 'nothing' },
        'bio-1': { state: 'finished', did: 'nothing' },
        'weightless-1': { state: 'failed', did: 'trained' },
      });
      expect(resultOf(join(root, 'runs/bio-1'))).toEqual(before);
    },
    patient,
  );

  test(
    'makes the report of a run that was cut off before it was written',
    async () => {
      const report = join(root, 'runs/bio-1/report.html');
      rmSync(report);
      const { runs } = await runExperimentFile(file, '--only', 'bio-1');
      expect(runs).toMatchObject({ 'bio-1': { state: 'finished', did: 'resumed' } });
      expect(readFileSync(report, 'utf8')).toContain('<html');
      expect(readFileSync(join(root, 'runs/bio-1.log'), 'utf8')).toMatch(/^\$ meddoprof report \S+bio-1 /m);
    },
    patient,
  );

  test('plans without running anything', async () => {
    const { runs } = await runExperimentFile(file, '--dry-run');
    expect(runs).toMatchObject({ 'bio-1': { state: 'finished' }, 'weightless-1': { state: 'missing' } });
    expect(existsSync(join(root, 'runs/weightless-1/config.yaml'))).toBe(false);
  });

  test.each([
    ['succeeds with a plan where every run can start', 0, ['--only', 'default-1', '--only', 'weightless-1']],
    ['fails with a plan where one is refused', 1, ['--only', 'default-1', '--only', 'lost-1']],
  ])('%s', async (_, expected, only) => {
    const { status } = await runExperimentFile(file, '--dry-run', ...only);
    expect(status).toBe(expected);
  });

  test('refuses a run whose folder was made with another config, and says what differs', async () => {
    writeFileSync(file, text.replace('BIO', 'BIOU'));
    const { runs } = await runExperimentFile(file, '--dry-run');
    writeFileSync(file, text);
    expect(runs['default-1']).toMatchObject({ state: 'finished' });
    expect(runs['bio-1']).toMatchObject({
      state: 'refused',
      reason: `${runs['bio-1']!.folder} was made with another config: model.scheme was "BIO" and is "BIOU"; move it away, or give the variant another name`,
    });
  });

  test('refuses a run whose folder holds something else', async () => {
    const own = join(root, 'runs/weightless-1');
    mkdirSync(own, { recursive: true });
    writeFileSync(join(own, 'notes.txt'), '');
    const { runs } = await runExperimentFile(file, '--dry-run');
    rmSync(own, { recursive: true });
    expect(runs['weightless-1']).toMatchObject({
      state: 'refused',
      reason: `${own} holds something that is no run: move it away`,
    });
  });

  test('refuses a run of an older version whose files are others, and says which', async () => {
    const config = join(root, 'runs/bio-1/config.yaml');
    const whole = readFileSync(config, 'utf8');
    writeFileSync(config, `${whole}oldOption: 1\n`);
    const { runs } = await runExperimentFile(file, '--dry-run');
    writeFileSync(config, whole);
    expect(runs['default-1']).toMatchObject({ state: 'finished' });
    expect(runs['bio-1']).toMatchObject({
      state: 'refused',
      reason: expect.stringMatching(/^\S+bio-1 was made by version \S+ of meddoprof, whose files this one cannot read \(\S+: oldOption is unknown/), // prettier-ignore
    });
  });

  test(
    'refuses runs whose corpus has changed since',
    async () => {
      const note = join(root, 'corpus/norm.tsv');
      const whole = readFileSync(note);
      appendFileSync(note, '\n');
      const { runs, status } = await runExperimentFile(file);
      writeFileSync(note, whole);
      expect(status).toBe(1);
      expect(runs['default-1']).toMatchObject({
        state: 'refused',
        reason: expect.stringMatching(/^\S+corpus has changed since \S+default-1 was trained on it: restore it/), // prettier-ignore
      });
    },
    patient,
  );

  test('runs one of its runs alone with --only, and knows their names', async () => {
    const { runs } = await runExperimentFile(file, '--only', 'bio-1');
    expect(Object.keys(runs)).toEqual(['bio-1']);
    const wrong = await runExperimentFile(file, '--only', 'bio-2');
    expect(wrong).toMatchObject({ status: 2, stdout: '' });
    expect(wrong.stderr).toBe(
      'error: --only bio-2: there is no such run; the runs are default-1, bio-1, lost-1, weightless-1\n',
    );
  });

  test.each([
    [['--jobs', '0'], '--jobs needs a whole number, 1 to 1,000'],
    [['--resume', 'x'], 'without --resume it goes on with all of its runs'],
  ])('takes no %j', async (options, message) => {
    const ended = await runBuilt(['train', file, ...options]);
    expect(ended.status).toBe(2);
    expect(ended.stderr).toContain(message);
  });

  test('is what --jobs, --only and --slurm are for', async () => {
    const { stderr, status } = await runBuilt(['train', join(root, 'tiny.yaml'), '--slurm']);
    expect({ stderr, status }).toEqual({
      stderr: `error: --slurm is for experiments, and ${join(root, 'tiny.yaml')} is none\n`,
      status: 2,
    });
  });
});

describe('an experiment that is cut off', () => {
  let root: string;
  let file: string;
  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), 'meddoprof-'));
    const training = { epochs: { count: 2, rate: 1e-3 }, batchSize: 2, logSteps: 2, checkpointSteps: 4 };
    file = await writeExperiment(root, 'seeds: [1, 2]\nvariants: { a: { config: tiny.yaml } }\n', {
      training,
    });
  });
  afterAll(() => rmSync(root, { recursive: true }));

  test(
    'by Ctrl-C leaves checkpoints, says how to go on, and ends as one that was not',
    async () => {
      const ended = await interruptExperiment(file, /^a-1 +epoch 0 +step 4/m, (pid) => process.kill(pid, 'SIGINT')); // prettier-ignore
      expect(ended).toMatchObject({ status: 130, stdout: expect.stringMatching(/^a-1 +interrupted .*\na-2 +missing/m) }); // prettier-ignore
      expect(ended.stderr).toMatch(
        /^Interrupted\. Go on with: meddoprof train \S+words\.yaml --out \S+runs$/m,
      );
      expect(existsSync(join(root, 'runs/a-1/lock.json'))).toBe(false);

      const { runs, status } = await runExperimentFile(file, '--only', 'a-1');
      expect(status).toBe(0);
      expect(runs).toMatchObject({ 'a-1': { state: 'finished', did: 'resumed' } });
      const whole = join(root, 'whole');
      expect(await runBuilt(['train', join(root, 'tiny.yaml'), '--out', whole])).toMatchObject({ status: 0 });
      expect(resultOf(join(root, 'runs/a-1'))).toEqual(resultOf(whole));
    },
    patient,
  );

  test(
    'by the death of one training goes on with the next, and resumes it another time',
    async () => {
      const killTraining = () => {
        const lock = JSON.parse(readFileSync(join(root, 'runs/a-2/lock.json'), 'utf8')) as Lock;
        process.kill(lock.pid, 'SIGKILL');
      };
      const ended = await interruptExperiment(file, /^a-2 +epoch 0 +step 6/m, killTraining);
      expect(ended).toMatchObject({ status: 1, stdout: expect.stringMatching(/^a-2 +failed/m) });
      expect(ended.stdout).toMatch(/^a-2: its process was ended by SIGKILL \(out of memory, perhaps\) \(see \S+a-2\.log\)$/m); // prettier-ignore
      const { runs } = await runExperimentFile(file);
      expect(runs).toMatchObject({ 'a-2': { state: 'finished', did: 'resumed' } });
    },
    patient,
  );
});
