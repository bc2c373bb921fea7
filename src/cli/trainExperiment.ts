import type { Experiment, ExperimentRun } from '../experiment/load.js';
import { checkSettings } from '../experiment/config.js';
import { loadExperiment } from '../experiment/load.js';
import { type Cards, lendCards } from '../experiment/cards.js';
import { planExperiment } from '../experiment/plan.js';
import { type Outcome, runExperiment } from '../experiment/run.js';
import { quoted } from '../experiment/child.js';
import { INTERRUPTED, UsageError } from '../errors.js';
import { experimentTable, plannedTable, refusedLines, shownRun } from './experimentTables.js';
import { formatDuration } from './format.js';
import type { Output } from './output.js';
import { SIGNALS } from './signals.js';

export interface ExperimentArguments {
  file: string;
  /** Folder of the runs. */
  out: string | undefined;
  /** Names of the runs that are meant; all without. */
  only: string[];
  /** Trainings at the same time, where that is said. */
  jobs: number | undefined;
  /** Trainings that share a graphics card, where that is said. */
  jobsPerGpu: number | undefined;
  dryRun: boolean;
  set: string[];
}

/** Runs an experiment under the eyes of a person: lines with the runs' names, Ctrl-C, a table of states. */
export async function trainExperiment(options: ExperimentArguments, output: Output): Promise<void> {
  const { file, out, jobs = 1, jobsPerGpu = 1, set } = options;
  const experiment = selected(await openExperiment(file, out, set), options.only);
  const planned = await planExperiment(experiment, { set });
  const refused = new Set(planned.filter(({ state }) => state === 'refused').map(({ name }) => name));
  if (options.dryRun) {
    if (refused.size > 0) process.exitCode = 1;
    return output.result({ ...described(experiment), runs: planned.map(shownRun) }, () =>
      plannedTable(experiment, planned),
    );
  }
  for (const line of refusedLines(planned)) output.notice(line);
  const told = teller(experiment, jobs, output);
  const cards = await cardsHere(Math.min(jobs, jobsPerGpu), output);
  const running = runExperiment(experiment, { jobs, cards, set, refused, ...told });
  let stopped = false;
  const stop = (signal: NodeJS.Signals) => {
    if (!stopped) output.notice('Stopping after the current steps, with checkpoints…');
    stopped = true;
    running.stop(signal === 'SIGHUP' ? 'SIGTERM' : signal);
  };
  for (const signal of SIGNALS) process.on(signal, stop);
  try {
    const outcomes = await running.outcomes;
    output.result({ ...described(experiment), runs: outcomes.map(shownRun) }, () =>
      experimentTable(experiment, outcomes),
    );
    if (stopped) output.notice(`Interrupted. Go on with: meddoprof ${againOf(options)}`);
    if (stopped) process.exitCode = INTERRUPTED;
    else if (outcomes.some(({ state }) => state !== 'finished')) process.exitCode = 1;
  } finally {
    for (const signal of SIGNALS) process.off(signal, stop);
  }
}

/** Reads an experiment, and sees that `--set` counts in some run of it. */
export async function openExperiment(
  file: string,
  out: string | undefined,
  set: string[],
): Promise<Experiment> {
  const experiment = await loadExperiment(file, out);
  await checkSettings(experiment.runs, set);
  return experiment;
}

/** The experiment with the runs of these names alone. */
export function selected(experiment: Experiment, only: string[]): Experiment {
  const names = experiment.runs.map(({ name }) => name);
  const unknown = only.find((name) => !names.includes(name));
  if (unknown !== undefined)
    throw new UsageError(`--only ${unknown}: there is no such run; the runs are ${names.join(', ')}`);
  if (only.length === 0) return experiment;
  return { ...experiment, runs: experiment.runs.filter(({ name }) => only.includes(name)) };
}

function described({ name, folder, file }: Experiment) {
  return { experiment: name, file, folder };
}

function againOf({ file, out, only, jobs, jobsPerGpu, set }: ExperimentArguments): string {
  const options = [
    ...(out === undefined ? [] : ['--out', out]),
    ...only.flatMap((name) => ['--only', name]),
    ...(jobs === undefined ? [] : ['--jobs', String(jobs)]),
    ...(jobsPerGpu === undefined ? [] : ['--jobs-per-gpu', String(jobsPerGpu)]),
    ...set.flatMap((setting) => ['--set', setting]),
  ];
  return ['train', file, ...options].map(quoted).join(' ');
}

async function cardsHere(perCard: number, output: Output): Promise<Cards> {
  const { builtFlavour } = await import('../backend/built.js');
  const { cardIsThere } = await import('../backend/dawn.js');
  const { cardsAreShared, visibleGpus } = await import('../backend/gpus.js');
  const flavour = builtFlavour();
  const cuda = flavour === 'cuda' ? visibleGpus().map(({ id }) => id) : [];
  if (cuda.length > 0 && perCard > 1 && !cardsAreShared())
    output.notice(
      "Trainings that share a graphics card take turns on it; with NVIDIA's multi-process service (nvidia-cuda-mps-control -d) they compute side by side.",
    );
  return lendCards({ flavour, cuda, webgpu: cardIsThere() }, perCard);
}

/** Tells on stderr what the runs do, each line with the run's name, and how long the rest will take. */
function teller({ runs }: Experiment, jobs: number, output: Output) {
  const width = Math.max(...runs.map(({ name }) => name.length));
  const tell = ({ name }: ExperimentRun, line: string) => output.notice(`${name.padEnd(width)}  ${line}`);
  const began = new Map<string, number>();
  const took: number[] = []; // s, of the runs that were trained from the start
  let ended = 0;
  return {
    onStart: (run: ExperimentRun, resumed: boolean) => {
      began.set(run.name, Date.now());
      tell(run, resumed ? 'goes on where it was cut off' : 'begins');
    },
    onWait: (run: ExperimentRun) =>
      tell(run, 'waits for a graphics card: each has its training (--jobs-per-gpu 2 lets two share one)'),
    onLine: tell,
    onEnd: (outcome: Outcome) => {
      ended++;
      if (outcome.did === 'trained' && outcome.state === 'finished')
        took.push((Date.now() - began.get(outcome.name)!) / 1000);
      tell(outcome, endOf(outcome));
      if (outcome.did === 'nothing') return;
      const left = ((took.reduce((a, b) => a + b, 0) / took.length) * (runs.length - ended)) / jobs;
      if (left > 0) tell(outcome, `${ended} of ${runs.length} runs, at most ${formatDuration(left)} left`);
    },
  };
}

function endOf({ did, state, reason, log }: Outcome): string {
  const see = log === undefined ? '' : ` (see ${log})`;
  if (reason !== undefined) return `${state}: ${reason}${see}`;
  return did === 'nothing' && state === 'finished' ? 'is finished already' : state;
}
