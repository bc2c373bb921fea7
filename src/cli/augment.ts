import type { CommandModule } from 'yargs';
import { AGAIN, outputOf } from './output.js';
import { engineOption, setOption, withShort } from './set.js';

/** Which documents train, and how examples are made of them. */
const SETTABLE = [
  ...[
    'seed',
    'tasks',
    'data.corpus',
    'data.format',
    'data.norm',
    'data.split',
    'data.splitSeed',
    'data.validationShare',
  ],
  ...['data.folds', 'data.fold'],
  ...['labels', 'multiple', 'count', 'substituteCount', 'tries', 'rankBy', 'minimumScore'].map(
    ofAugmentation,
  ),
  ...['maximumPerOriginal', 'maximumPerSubstitute', 'scoring'].map(ofAugmentation),
  'backend',
];

interface Arguments {
  config: string;
  out: string;
  engine?: string;
  set?: string[];
  json?: boolean;
  quiet?: boolean;
}

export const command: CommandModule<object, Arguments> = {
  command: 'augment <config>',
  builder: (yargs) =>
    yargs
      .positional('config', { type: 'string', demandOption: true, describe: 'Config file' })
      .options({
        out: {
          type: 'string',
          demandOption: true,
          describe: 'Where the corpus of new examples goes, with augmented.jsonl',
        },
        engine: engineOption,
        set: setOption(SETTABLE),
      })
      .example(
        'meddoprof augment extended.yaml --out augmented',
        'then train with --set augmentation.corpus=augmented',
      ) as never,
  handler: async ({ config: file, out, engine, set = [], ...argv }) => {
    const output = outputOf(argv);
    const { checkSettable } = await import('../config/settable.js');
    checkSettable('augment', set, SETTABLE);
    const { loadConfig } = await import('../config/load.js');
    const settings = withShort(set, { engine });
    const { config } = await loadConfig(file, { set: settings });
    const { augmentCorpus } = await import('../run/augmentCorpus.js');
    const { augmentTables } = await import('./augmentTables.js');
    const { watch } = await import('./watch.js');
    const result = await watch(output, { goOn: AGAIN }, (context) => augmentCorpus(config, out, context));
    if (result) output.result(result, () => augmentTables(result));
  },
};

function ofAugmentation(option: string): string {
  return `augmentation.${option}`;
}
