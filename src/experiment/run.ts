import { existsSync } from 'node:fs';
import { mapBounded } from '../files/bounded.js';
import { INTERRUPTED } from '../errors.js';
import { removeDeadLock } from '../files/lock.js';
import { reason } from '../files/reason.js';
import { runPaths } from '../runFolder/paths.js';
import { type ChildEnd, type Child, commandOf, openLog, startTraining } from './child.js';
import type { Card, Cards } from './cards.js';
import { configOf, settingsFor } from './config.js';
import type { Experiment, ExperimentRun } from './load.js';
import { type KnownCorpora, type PlannedRun, planExperiment, planRun } from './plan.js';

export interface ExperimentOptions {
  /** Trainings at the same time. */
  jobs: number;
  cards: Cards;
  /** Settings for every run, `section.key=value`. */
  set: string[];
  /** Names of runs that the plan refused. They are planned anew when it is their turn: people may have put it right. */
  refused?: ReadonlySet<string>;
  /** It waits for a card. */
  onWait: (run: ExperimentRun) => void;
  onStart: (run: ExperimentRun, resumed: boolean) => void;
  /** A line of a run's progress. */
  onLine: (run: ExperimentRun, line: string) => void;
  onEnd: (outcome: Outcome) => void;
}

/** How a run stands when the experiment has ended, and what was done for that. */
export interface Outcome extends PlannedRun {
  did: 'nothing' | 'trained' | 'resumed';
  /** Its log, where this experiment has run it. */
  log?: string;
}

export interface RunningExperiment {
  /** Every run in the order of the file. */
  outcomes: Promise<Outcome[]>;
  /** Passes a signal on to the trainings, which write their checkpoints, and starts no more. */
  stop(signal: NodeJS.Signals): void;
}

/**
 * Runs what of an experiment is missing, interrupted or failed, each in a process of its own, and skips what
 * is finished. One run's failure leaves the others alone.
 */
export function runExperiment({ runs }: Experiment, options: ExperimentOptions): RunningExperiment {
  const children = new Set<Child>();
  const corpora: KnownCorpora = new Map();
  let stopped = false;
  const told = (outcome: Outcome) => {
    options.onEnd(outcome);
    return outcome;
  };
  const work = async (run: ExperimentRun): Promise<Outcome> => {
    const planned = options.refused?.has(run.name)
      ? (await planExperiment({ runs: [run] }, { set: options.set, corpora }))[0]!
      : await planRun(run, options.set, corpora);
    if (stopped) return { ...planned, did: 'nothing' };
    if (planned.state === 'finished') await removeDeadLock(runPaths(run.folder).lock); // killed at its very end
    if (!isToDo(planned)) return told({ ...planned, did: 'nothing' });
    const { backend } = await configOf(run, options.set);
    const card = await options.cards.take(backend, () => options.onWait(run));
    return trained(planned, card).finally(() => card.giveBack());
  };
  const trained = async (run: PlannedRun, card: Card): Promise<Outcome> => {
    const nothing: Outcome = { ...run, did: 'nothing' };
    if (stopped) return nothing;
    const resumed = run.state !== 'missing';
    const log = `${run.folder}.log`;
    const file = await openLog(log);
    if (stopped) {
      file.destroy();
      return nothing;
    }
    options.onStart(run, resumed);
    const set = await settingsFor(run, options.set);
    const command = lacksReport(run) ? ['report', run.folder] : commandOf(run, resumed, set);
    const child = startTraining(command, {
      log: file,
      jobs: options.jobs,
      card: card.env,
      onLine: (line) => options.onLine(run, line),
    });
    children.add(child);
    const end = await child.ended;
    children.delete(child);
    const outcome = withEnd(await planRun(run, options.set, corpora), end);
    return told({ ...outcome, did: resumed ? 'resumed' : 'trained', log });
  };
  return {
    outcomes: mapBounded(runs, options.jobs, (run) =>
      // Whatever a run fails at, the others are trained to their end.
      work(run).catch((error: unknown) =>
        told({ ...run, state: 'failed', reason: reason(error), did: 'nothing' }),
      ),
    ),
    stop(signal) {
      stopped = true;
      for (const { process } of children) process.kill(signal);
    },
  };
}

/** Whether there is something to run: it is not finished, running elsewhere, or refused. */
export function isToDo(run: PlannedRun): boolean {
  const { state } = run;
  return state === 'missing' || state === 'interrupted' || state === 'failed' || lacksReport(run);
}

/** Whether a run was cut off when its scores were written, and their report was not. */
function lacksReport({ folder, state, status }: PlannedRun): boolean {
  const isScored = Object.keys(status?.f1 ?? {}).length > 0;
  return state === 'finished' && isScored && !existsSync(runPaths(folder).report);
}

/** What the process said, where its folder cannot tell: it may have failed before there was one. */
function withEnd(planned: PlannedRun, { status, signal, error }: ChildEnd): PlannedRun {
  if (planned.state === 'finished' || planned.state === 'refused') return planned;
  if (status === INTERRUPTED || signal === 'SIGINT' || signal === 'SIGTERM') return planned;
  const reason =
    error ??
    (signal
      ? `its process was ended by ${signal}${signal === 'SIGKILL' ? ' (out of memory, perhaps)' : ''}`
      : `its process ended with status ${status}`);
  return { ...planned, state: 'failed', reason };
}
