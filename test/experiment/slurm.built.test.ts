import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { loadExperiment } from '../../src/experiment/load.js';
import { secondsOf, slurmScript } from '../../src/experiment/slurm.js';
import { runBuilt } from '../support/builtProgram.js';
import { runExperimentFile, writeExperiment } from '../support/experiment.js';
import { resultOf } from '../support/runFolder.js';
import { type Slurm, startSlurm, whyNoSlurm } from '../support/slurm.js';
import { temporaryFolders } from '../support/temporaryFolder.js';

const patient = 600_000; // ms
const folder = temporaryFolders();

describe('the script of a job array', () => {
  test('asks for the resources of the file, a task for each run, and a signal before the time is over', async () => {
    const resources = 'resources: { cpus: 4, memory: 12G, time: "02:00:00", gpus: 1, partition: short }\n';
    const file = await writeExperiment(folder(), `${resources}seeds: [1, 2]\nvariants: { a: { config: tiny.yaml } }\n`); // prettier-ignore
    const experiment = await loadExperiment(file, 'runs/words');
    const script = slurmScript(experiment, { runs: ['a-1', 'a-2'], jobs: 3, set: ['training.batchSize=8'] });
    const options = script.split('\n').filter((line) => line.startsWith('#SBATCH '));
    expect(options.map((line) => line.slice('#SBATCH '.length))).toEqual(
      expect.arrayContaining([
        ...['--array=0-1%3', '--cpus-per-task=4', '--mem=12G', '--time=02:00:00', '--gres=gpu:1'],
        ...['--partition=short', '--requeue', '--signal=B:USR1@300', '--job-name=meddoprof-words'],
      ]),
    );
    expect(script).toContain('runs=(a-1 a-2)');
    expect(script).toContain('--set training.batchSize=8 &');
  });

  test('runs nothing that a name or a folder says, and finds them as they are', async () => {
    const root = join(folder(), `a b;touch X $(touch Y) #%j`);
    mkdirSync(root);
    const plain = await writeExperiment(root, 'variants: { a: { config: tiny.yaml } }\n');
    const file = join(root, "x'$(touch Z)\n#SBATCH --uid=0\n`touch W`.yaml");
    renameSync(plain, file);
    const script = slurmScript(await loadExperiment(file, join(root, 'runs')), {
      runs: ['a-1'],
      jobs: undefined,
      set: ["seed='1'; touch V"],
    });
    const options = script.split('\n').filter((line) => line.startsWith('#SBATCH '));
    expect(options).toContain('#SBATCH --job-name=meddoprof-x_touch_Z_SBATCH_--uid_0_touch_W_');
    expect(options).toContain(`#SBATCH --output="${root.replaceAll('%', '%%')}/runs/slurm-%A_%a.log"`);
    // in place of the program, one that prints its arguments, each between brackets
    const printed = script.replace(process.execPath, '/usr/bin/printf [%s]').replace(/ & *\n[^]*/, '\n');
    const stdout = execFileSync('bash', ['-c', printed], {
      cwd: root,
      env: { ...process.env, SLURM_ARRAY_TASK_ID: '0' },
    }).toString();
    expect(stdout).toContain(`[train][${file}][--out][${root}/runs][--only][a-1][--set][seed='1'; touch V]`);
    expect(readdirSync(root).filter((name) => /^[V-Z]$/.test(name))).toEqual([]);
  });

  test.each(['a"b', "a'b", 'a\\b', 'a\nb'])('is refused for a folder called %j', async (name) => {
    const experiment = await loadExperiment(
      await writeExperiment(folder(), 'variants: { a: { config: tiny.yaml } }\n'),
      name,
    );
    expect(() => slurmScript(experiment, { runs: ['a-1'], jobs: undefined, set: [] })).toThrow(
      /cannot stand in a script for Slurm.*choose another with --out$/,
    );
  });

  test.each([
    ['90', 5400],
    ['2:30', 150],
    ['04:00:00', 14400],
    ['1-12', 129600],
    ['1-12:30:10', 131410],
  ])('reads the time %s as Slurm does', (time, seconds) => {
    expect(secondsOf(time)).toBe(seconds);
  });
});

const lacking = whyNoSlurm();
const onSlurm = lacking ? describe.skip : describe;

onSlurm(`on a real Slurm${lacking ? ` (skipped: ${lacking})` : ''}`, () => {
  let root: string;
  let file: string;
  let slurm: Slurm;
  const run = (name: string) => join(root, 'runs', name);
  const train = (...options: string[]) => runBuilt(['train', file, '--out', join(root, 'runs'), ...options]);

  beforeAll(async () => {
    root = mkdtempSync(join(tmpdir(), 'meddoprof-'));
    const training = { epochs: { count: 2, rate: 1e-3 }, batchSize: 1, logSteps: 2, checkpointSteps: 4 };
    file = await writeExperiment(
      root,
      'seeds: [1, 2]\nresources: { cpus: 1, memory: 300M, time: "10:00" }\nvariants: { a: { config: tiny.yaml } }\n',
      { training },
    );
    slurm = await startSlurm();
    process.env.SLURM_CONF = slurm.conf;
  }, patient);
  afterAll(async () => {
    delete process.env.SLURM_CONF;
    await slurm.stop();
    rmSync(root, { recursive: true });
  }, patient);

  test(
    'an array of runs ends, of which one was requeued in the middle, one near the end of its time, and both went on',
    async () => {
      const submitted = await train('--slurm', '--json');
      expect(submitted).toMatchObject({ status: 0 });
      const { job, runs } = JSON.parse(submitted.stdout) as { job: string; runs: string[] };
      expect(runs).toEqual(['a-1', 'a-2']);

      await until(() => existsSync(join(run('a-1'), 'checkpoints/last/state.json')));
      await slurm.command('scontrol', 'requeue', `${job}_0`);
      await until(() => existsSync(join(run('a-2'), 'checkpoints/last/state.json')));
      await slurm.command('scancel', '--batch', '--signal=USR1', `${job}_1`); // as Slurm, before the time is over
      await until(() => isOver(slurm, job));

      for (const [task, name] of runs.entries()) {
        const log = readFileSync(join(run(''), `slurm-${job}_${task}.log`), 'utf8');
        expect(log).toMatch(new RegExp(`^${name} +begins$`, 'm'));
        expect(log).toMatch(new RegExp(`^${name} +Interrupted after step \\d+\\. Go on with:`, 'm'));
        expect(log).toMatch(new RegExp(`^${name} +goes on where it was cut off$`, 'm'));
      }
      const ended = await runExperimentFile(file);
      expect(ended.runs).toMatchObject(
        Object.fromEntries(runs.map((name) => [name, { state: 'finished', did: 'nothing' }])),
      );
      const whole = join(root, 'whole');
      const threads = process.env.TF_NUM_INTRAOP_THREADS;
      process.env.TF_NUM_INTRAOP_THREADS = '1'; // what a task of one processor has
      const unbroken = await runBuilt(['train', join(root, 'tiny.yaml'), '--out', whole]);
      if (threads === undefined) delete process.env.TF_NUM_INTRAOP_THREADS;
      else process.env.TF_NUM_INTRAOP_THREADS = threads;
      expect(unbroken).toMatchObject({ status: 0 });
      expect(resultOf(run('a-1'))).toEqual(resultOf(whole));
    },
    patient,
  );

  test('submits nothing where all is done', async () => {
    const { stdout, status } = await train('--slurm');
    expect({ stdout, status }).toEqual({ stdout: expect.stringMatching(/^Nothing to submit/), status: 0 });
  });

  test('passes on what Slurm says of a job that it does not take', async () => {
    const greedy = file.replace('words', 'greedy');
    writeFileSync(greedy, 'resources: { partition: none }\nvariants: { a: { config: tiny.yaml } }\n');
    const { stderr, status } = await runBuilt(['train', greedy, '--out', join(root, 'greedy'), '--slurm']);
    expect(status).toBe(1);
    expect(stderr).toMatch(/^error: Slurm took no job from \S+slurm\.sh: .*invalid partition/im);
  });
});

/** Whether all tasks of an array are completed; those that wait until two minutes after a requeue start now. */
async function isOver(slurm: Slurm, job: string): Promise<boolean> {
  const tasks = await slurm.command('squeue', '-h', '-r', '-j', job, '-t', 'all', '-o', '%t %r %i');
  for (const [, id] of tasks.matchAll(/^PD BeginTime (\S+)$/gm))
    await slurm.command('scontrol', 'update', `job=${id}`, 'StartTime=now');
  return tasks.split('\n').every((task) => task.startsWith('CD '));
}

async function until(done: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await done())) await sleep(200);
}
