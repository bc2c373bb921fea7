import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { CommandModule } from 'yargs';
import { checkWhole } from '../config/given.js';
import { UsageError } from '../errors.js';
import { outputOf } from './output.js';
import { engineOption, setOption, withShort } from './set.js';

interface Arguments {
  config?: string;
  out?: string;
  resume?: string;
  jobs?: number;
  jobsPerGpu?: number;
  slurm?: boolean;
  only?: string[];
  dryRun: boolean;
  profile: boolean;
  steps?: number;
  engine?: string;
  set?: string[];
  json?: boolean;
  quiet?: boolean;
}

export const command: CommandModule<object, Arguments> = {
  command: 'train [config]',
  builder: (yargs) =>
    yargs
      .positional('config', {
        type: 'string',
        describe:
          "Config file, or an experiment file, of which what is missing is run; with --resume the run's own config by default",
      })
      .options({
        out: {
          type: 'string',
          describe:
            "The run's folder [default: runs/<config name>-<seed>]; an experiment's [runs/<its name>]",
        },
        resume: { type: 'string', describe: 'Folder of a run that was cut off, to go on with' },
        jobs: { type: 'number', describe: 'Experiment: trainings at the same time [default: 1]' },
        'jobs-per-gpu': {
          type: 'number',
          describe: 'Experiment: how many of them may share a graphics card [default: 1]',
        },
        slurm: {
          type: 'boolean',
          describe: 'Experiment: submit a job array of what is missing; with --dry-run print its script',
        },
        only: {
          type: 'string',
          array: true,
          requiresArg: true,
          describe:
            'Experiment: run this run of it only, <variant>-<seed>, of a fold <variant>-<seed>-f<fold>',
        },
        'dry-run': { type: 'boolean', default: false, describe: 'Print the plan and stop' },
        profile: {
          type: 'boolean',
          default: false,
          describe: 'Time a few steps, print where their time goes, and stop: no run folder is made',
        },
        steps: { type: 'number', describe: 'With --profile: how many [default: 3]' },
        engine: engineOption,
        set: setOption(),
      })
      .conflicts('out', 'resume') as never,
  handler: async ({
    config: file,
    out,
    resume,
    jobs,
    jobsPerGpu,
    slurm,
    only = [],
    dryRun,
    profile,
    steps,
    engine,
    set = [],
    ...argv
  }) => {
    const output = outputOf(argv);
    if (!file && !resume) throw new UsageError('name a config file, or a run with --resume');
    if (profile && (out ?? resume) !== undefined)
      throw new UsageError('--profile makes no run: leave out --out and --resume');
    if (steps !== undefined && !profile)
      throw new UsageError('--steps goes with --profile; training.epochs says how long a training is');
    const settings = withShort(set, { engine });
    if (jobs !== undefined) checkWhole('--jobs', jobs, 1, 1000);
    if (jobsPerGpu !== undefined) checkWhole('--jobs-per-gpu', jobsPerGpu, 1, 1000);
    if (slurm && jobsPerGpu !== undefined)
      throw new UsageError(
        "--jobs-per-gpu goes without --slurm: the experiment's resources say what a task gets",
      );
    if (steps !== undefined) checkWhole('--steps', steps, 1, 10_000);
    const { isExperiment } = await import('../experiment/load.js');
    if (file && (await isExperiment(file))) {
      if (resume)
        throw new UsageError(`${file} is an experiment: without --resume it goes on with all of its runs`);
      if (profile)
        throw new UsageError(`${file} is an experiment: profile the config of one of its variants`);
      const experiment = { file, out, only, jobs, jobsPerGpu, dryRun, set: settings };
      if (slurm) return (await import('./submitExperiment.js')).submitExperiment(experiment, output);
      return (await import('./trainExperiment.js')).trainExperiment(experiment, output);
    }
    const ofExperiments = { jobs, 'jobs-per-gpu': jobsPerGpu, slurm: slurm || undefined, only: only[0] };
    const idle = Object.entries(ofExperiments).find(([, value]) => value !== undefined)?.[0];
    if (idle) throw new UsageError(`--${idle} is for experiments, and ${file ?? resume} is none`);
    if (!file && !existsSync(join(resume!, 'config.yaml')))
      throw new UsageError(
        `${resume} is no run to go on with: it has no config.yaml; name a folder that \`meddoprof train\` has made`,
      );
    const { loadConfig } = await import('../config/load.js');
    const { config, name } = await loadConfig(file ?? join(resume!, 'config.yaml'), { set: settings });
    if (dryRun) {
      const { planRun } = await import('../run/plan.js');
      const { checkClaim } = await import('../run/claim.js');
      const { runPaths } = await import('../runFolder/paths.js');
      const folder = resume ?? out;
      if (folder !== undefined) await checkClaim(runPaths(folder), config, resume !== undefined);
      const { planTables } = await import('./trainTables.js');
      const plan = await planRun(config);
      for (const line of plan.warnings) output.notice(line);
      return output.result(plan, () => planTables(plan));
    }
    if (profile) {
      const { profileRun } = await import('../run/profileRun.js');
      const { runProfileTable } = await import('./profileTables.js');
      const { watch } = await import('./watch.js');
      const result = await watch(output, { goOn: 'Nothing of a profile is kept' }, (context) =>
        profileRun(config, { steps: steps ?? 3 }, context),
      );
      if (result) output.result(result, () => runProfileTable(result));
      return;
    }
    const { train } = await import('./trainSession.js');
    const folder = resume ?? out ?? join('runs', `${name}-${config.seed}`);
    await train(config, folder, resume !== undefined, output);
  },
};
