import { execFile } from 'node:child_process';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { writeOutput } from '../files/write.js';
import { InputError, UsageError } from '../errors.js';
import { hasControls } from '../files/visible.js';
import { quoted } from './child.js';
import type { Experiment } from './load.js';
import type { Resources } from './schema.js';

export interface SlurmOptions {
  /** Names of the runs: the tasks of the array, in order. */
  runs: string[];
  /** Tasks at the same time; as many as the cluster allows without. */
  jobs: number | undefined;
  /** Settings for every run. */
  set: string[];
}

const program = fileURLToPath(new URL('../../bin/meddoprof.js', import.meta.url));

/**
 * The script of a job array, one task a run. Before its time is over, and when it is preempted or requeued,
 * a task gets a signal, writes its checkpoint, and goes on from there when Slurm starts it again.
 */
export function slurmScript(
  { name, file, folder, resources }: Experiment,
  { runs, jobs, set }: SlurmOptions,
): string {
  const { cpus, memory, time, gpus, partition } = resources;
  const options = [
    `--job-name=meddoprof-${name.replace(/[^\w.-]+/g, '_')}`, // for people's eyes alone
    `--array=0-${runs.length - 1}${jobs === undefined ? '' : `%${jobs}`}`,
    ...[`--ntasks=1`, `--cpus-per-task=${cpus}`, `--mem=${memory}`, `--time=${time}`],
    ...(gpus > 0 ? [`--gres=gpu:${gpus}`] : []),
    ...(partition === null ? [] : [`--partition=${partition}`]),
    ...['--requeue', '--open-mode=append', `--signal=B:USR1@${noticeOf(resources)}`],
    `--chdir=${quotedOption(process.cwd())}`,
    `--output=${quotedOption(join(resolve(folder).replaceAll('%', '%%'), 'slurm-%A_%a.log'))}`,
  ];
  const settings = set.flatMap((setting) => ['--set', quoted(setting)]);
  return `#!/bin/bash
${options.map((option) => `#SBATCH ${option}`).join('\n')}

runs=(${runs.map(quoted).join(' ')})
export TF_NUM_INTRAOP_THREADS=\${SLURM_CPUS_PER_TASK:-${cpus}}
${quoted(process.execPath)} ${quoted(program)} train ${quoted(file)} --out ${quoted(folder)} \\
  --only "\${runs[$SLURM_ARRAY_TASK_ID]}"${settings.map((part) => ` ${part}`).join('')} &
run=$!

# At a signal the run writes its checkpoint and ends with 130.
requeue=
trap 'requeue=yes; kill -TERM $run' USR1 # the time is nearly over
trap 'kill -TERM $run' TERM
while kill -0 $run 2>/dev/null; do wait $run; done # a signal ends a wait, too
wait $run
status=$?
[ -n "$requeue" ] && [ $status -eq 130 ] && exec scontrol requeue "\${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID"
exit $status
`;
}

/** Writes the script beside the runs and submits it. Returns the job's number. @throws InputError as sbatch says */
export async function submit(
  experiment: Experiment,
  options: SlurmOptions,
): Promise<{ job: string; script: string }> {
  const script = join(experiment.folder, 'slurm.sh');
  await writeOutput(script, slurmScript(experiment, options));
  try {
    const { stdout } = await promisify(execFile)('sbatch', ['--parsable', script]);
    return { job: stdout.trim().split(';')[0]!, script };
  } catch (error) {
    const { code, stderr } = error as NodeJS.ErrnoException & { stderr?: string };
    if (code === 'ENOENT')
      throw new InputError(
        'sbatch is not there: submit from a machine of the cluster, or print the script with --slurm --dry-run',
        { cause: error },
      );
    const said = stderr
      ?.trim()
      .split('\n')
      .at(-1)
      ?.replace(/^sbatch: error: /, '');
    throw new InputError(`Slurm took no job from ${script}: ${said ?? (error as Error).message}`, {
      cause: error,
    });
  }
}

/**
 * Seconds between the signal and the end of the time: a tenth of it, at least half a minute, at most five.
 */
function noticeOf({ time }: Resources): number {
  return Math.round(Math.min(300, Math.max(30, secondsOf(time) / 10)));
}

/** Seconds of a time as Slurm has it: minutes, minutes:seconds, hours:minutes:seconds, days-hours:…. */
export function secondsOf(time: string): number {
  const [first, second] = time.split('-');
  const parts = (second ?? first)!.split(':').map(Number);
  const [a = 0, b = 0, c = 0] = parts;
  if (second !== undefined) return Number(first) * 86400 + a * 3600 + b * 60 + c;
  if (parts.length === 3) return a * 3600 + b * 60 + c;
  return a * 60 + b;
}

/**
 * As sbatch takes a path in a script. @throws UsageError for one that could be read as something else: a line of its
 * own, or the end of what is quoted
 */
function quotedOption(path: string): string {
  if (/[\\"']/.test(path) || hasControls(path))
    throw new UsageError(
      `${JSON.stringify(path)} cannot stand in a script for Slurm, for its quotes, backslashes or control characters; rename the folder or choose another with --out`,
    );
  return /^[\w./:@%+,-]+$/.test(path) ? path : `"${path}"`;
}
