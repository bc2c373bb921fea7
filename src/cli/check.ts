import type { ArgumentsCamelCase, CommandModule } from 'yargs';
import { ANEW, outputOf } from './output.js';
import { setOption } from './set.js';

/** What is read of a corpus, and what its ceilings go by. */
const SETTABLE = [
  'tasks',
  'data.format',
  'data.norm',
  'encoder.lowercase',
  'decoding.overlap',
  'decoding.pooling',
];

interface Options {
  corpus: string;
  config?: string;
  encoder?: string;
  vocabulary?: string;
  set?: string[];
  json?: boolean;
  quiet?: boolean;
}

export const command: CommandModule<object, Options> = {
  command: 'check <corpus>',
  builder: (yargs) =>
    yargs
      .positional('corpus', {
        type: 'string',
        demandOption: true,
        describe: 'folder with a folder of .txt and .ann files per task, or a corpus in another format',
      })
      .option('config', {
        type: 'string',
        requiresArg: true,
        describe: 'config file that names the tasks and their labels (default: the shipped default.yaml)',
      })
      .option('encoder', {
        type: 'string',
        requiresArg: true,
        describe:
          'folder of an encoder: count the pieces that its tokenizer makes of the texts, and take them into account in what an encoding allows',
      })
      .option('vocabulary', {
        type: 'string',
        requiresArg: true,
        describe: 'vocab.txt or tokenizer.json: the same without a folder, or instead of its own',
      })
      .option('set', setOption(SETTABLE)) as never,
  handler,
};

async function handler(argv: ArgumentsCamelCase<Options>): Promise<void> {
  const { loadConfig } = await import('../config/load.js');
  const { shippedConfig } = await import('../config/shipped.js');
  const { checkCorpus } = await import('../eval/check.js');
  const { formatCheck } = await import('./checkTables.js');
  const { checkSettable } = await import('../config/settable.js');
  const { set = [], encoder, vocabulary } = argv;
  checkSettable('check', set, SETTABLE);
  const { config } = await loadConfig(argv.config ?? shippedConfig('default.yaml'), { set });
  const { watch } = await import('./watch.js');
  const output = outputOf(argv);
  const check = await watch(output, { goOn: ANEW }, (context) =>
    checkCorpus(argv.corpus, config, { encoder, vocabulary }, context),
  );
  if (!check) return;
  output.result(check, () => formatCheck(check));
  if (check.errors > 0) process.exitCode = 1;
}
