import { join } from 'node:path';
import type { CommandModule } from 'yargs';
import { UsageError } from '../errors.js';
import { outputOf } from './output.js';

interface Arguments {
  config?: string;
  out?: string;
  resume?: string;
  dryRun: boolean;
  engine?: string;
  set?: string[];
  json?: boolean;
  quiet?: boolean;
}

export const command: CommandModule<object, Arguments> = {
  command: 'train [config]',
  describe: 'Train a model as a config file says',
  builder: (yargs) =>
    yargs
      .positional('config', {
        type: 'string',
        describe: "Config file; with --resume the run's own by default",
      })
      .options({
        out: { type: 'string', describe: "The run's folder [default: runs/<config name>-<seed>]" },
        resume: { type: 'string', describe: 'Folder of a run that was cut off, to go on with' },
        'dry-run': { type: 'boolean', default: false, describe: 'Print the plan and stop' },
        engine: { choices: ['auto', 'native', 'wasm', 'cpu'], describe: 'Short for --set backend.engine=…' },
      })
      .conflicts('out', 'resume') as never,
  handler: async ({ config: file, out, resume, dryRun, engine, set = [], ...argv }) => {
    const output = outputOf(argv);
    if (!file && !resume) throw new UsageError('name a config file, or a run with --resume');
    const { loadConfig } = await import('../config/load.js');
    const settings = engine ? [...set, `backend.engine=${engine}`] : set;
    const { config, name } = await loadConfig(file ?? join(resume!, 'config.yaml'), { set: settings });
    if (dryRun) {
      const [{ planRun }, { planTables }] = await Promise.all([
        import('../run/plan.js'),
        import('./trainTables.js'),
      ]);
      const plan = await planRun(config);
      return output.result(plan, () => planTables(plan));
    }
    const { train } = await import('./trainSession.js');
    const folder = resume ?? out ?? join('runs', `${name}-${config.seed}`);
    await train(config, folder, resume !== undefined, output);
  },
};
