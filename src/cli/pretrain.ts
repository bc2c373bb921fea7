import type { CommandModule } from 'yargs';
import { UsageError } from '../errors.js';
import { AGAIN, outputOf } from './output.js';
import { engineOption, setOption, withShort } from './set.js';

/** What is read, and how it is learned. */
const SETTABLE = [
  ...['seed', 'tasks', 'data.corpus', 'data.format', 'data.windowPieces', 'encoder', 'pretraining'],
  ...['batchSize', 'weightDecay', 'beta1', 'beta2', 'epsilon', 'clipNorm', 'logSteps', 'checkpointSteps'].map(
    (option) => `training.${option}`,
  ),
  'backend',
];

interface Arguments {
  config: string;
  out?: string;
  dryRun: boolean;
  engine?: string;
  set?: string[];
  json?: boolean;
  quiet?: boolean;
}

export const command: CommandModule<object, Arguments> = {
  command: 'pretrain <config>',
  builder: (yargs) =>
    yargs
      .positional('config', { type: 'string', demandOption: true, describe: 'Config file' })
      .options({
        out: {
          type: 'string',
          describe: 'Where the encoder goes; what was trained until a stop is kept beside it, in <out>.part',
        },
        'dry-run': { type: 'boolean', default: false, describe: 'Print the plan and stop' },
        engine: engineOption,
        set: setOption(SETTABLE),
      })
      .example(
        'meddoprof pretrain my.yaml --out models/clinical',
        'then train with --set encoder.weights=models/clinical',
      ) as never,
  handler: async ({ config: file, out, dryRun, engine, set = [], ...argv }) => {
    const output = outputOf(argv);
    if (out === undefined && !dryRun) throw new UsageError('--out must say where the encoder goes');
    const { checkSettable } = await import('../config/settable.js');
    checkSettable('pretrain', set, SETTABLE);
    const { loadConfig } = await import('../config/load.js');
    const settings = withShort(set, { engine });
    const { config } = await loadConfig(file, { set: settings, pretrains: true });
    const tables = await import('./pretrainTables.js');
    if (dryRun) {
      const { planPretraining } = await import('../run/planPretraining.js');
      const plan = await planPretraining(config);
      return output.result(plan, () => tables.pretrainingPlanText(plan));
    }
    const { pretrainEncoder } = await import('../run/pretrain.js');
    const { watch } = await import('./watch.js');
    const result = await watch(output, { goOn: AGAIN }, (context) => pretrainEncoder(config, out!, context));
    if (result) output.result(result, () => tables.pretrainingTable(result));
  },
};
