import { planExperiment } from '../experiment/plan.js';
import { isToDo } from '../experiment/run.js';
import { slurmScript, submit } from '../experiment/slurm.js';
import { plannedTable, refusedLines, shownRun } from './experimentTables.js';
import type { Output } from './output.js';
import { type ExperimentArguments, openExperiment, selected } from './trainExperiment.js';

/** Submits what of an experiment is missing as a job array; with --dry-run prints its script. */
export async function submitExperiment(
  { file, out, only, jobs, dryRun, set }: ExperimentArguments,
  output: Output,
): Promise<void> {
  const experiment = selected(await openExperiment(file, out, set), only);
  const planned = await planExperiment(experiment, { set });
  const runs = planned.filter(isToDo).map(({ name }) => name);
  for (const line of refusedLines(planned)) output.notice(line);
  if (planned.some(({ state }) => state === 'refused')) process.exitCode = 1;
  if (runs.length === 0) {
    const value = { job: null, script: null, runs: planned.map(shownRun) };
    return output.result(value, () => `Nothing to submit.\n\n${plannedTable(experiment, planned)}`);
  }
  const options = { runs, jobs, set };
  if (dryRun) {
    const script = slurmScript(experiment, options);
    return output.result({ runs, script }, () => script);
  }
  const { job, script } = await submit(experiment, options);
  output.result({ job, script, runs }, () =>
    [
      `Job ${job}: ${runs.length} runs (${script}); logs and results go to ${experiment.folder}.`,
      `Watch it with squeue -j ${job} and meddoprof runs ${experiment.folder}.`,
    ].join('\n'),
  );
}
