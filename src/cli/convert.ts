import type { CommandModule } from 'yargs';
import { corpusFormats, type CorpusFormatName } from '../config/choices.js';
import type { Tasks } from '../data/corpus.js';
import type { Conversion } from '../data/convert.js';
import type { Counted } from '../data/formats/format.js';
import { UsageError } from '../errors.js';
import { ANEW, outputOf } from './output.js';
import { setOption } from './set.js';

/** What is read of a corpus. */
const SETTABLE = ['tasks', 'data.norm'];

interface Arguments {
  in: string;
  out: string;
  to: CorpusFormatName;
  from: CorpusFormatName | 'auto';
  labels?: string;
  config?: string;
  set?: string[];
  json?: boolean;
  quiet?: boolean;
}

export const command: CommandModule<object, Arguments> = {
  command: 'convert <in> <out>',
  builder: (yargs) =>
    yargs
      .positional('in', { type: 'string', demandOption: true, describe: 'The corpus, a folder or a file' })
      .positional('out', { type: 'string', demandOption: true, describe: 'What to make, a folder or a file' })
      .options({
        to: { choices: corpusFormats, demandOption: true, describe: 'Format of what is made' },
        from: {
          choices: ['auto', ...corpusFormats],
          default: 'auto',
          describe: 'Format of the corpus; auto: told by the names of its files',
        },
        labels: {
          type: 'string',
          requiresArg: true,
          describe:
            'The labels that are taken, A,B,C, of one task whose brat files lie in the folder itself; instead of --config',
        },
        config: {
          type: 'string',
          requiresArg: true,
          describe: 'Config file with the tasks and their labels [default: the shipped default.yaml]',
        },
        set: setOption(SETTABLE),
      }) as never,
  handler: async ({ in: corpus, out, to, from, labels, config: file, set = [], ...argv }) => {
    const output = outputOf(argv);
    const { checkSettable } = await import('../config/settable.js');
    const { loadConfig } = await import('../config/load.js');
    const { shippedConfig } = await import('../config/shipped.js');
    const { convertCorpus } = await import('../data/convert.js');
    const { warningLines } = await import('../data/warnings.js');
    const { watch } = await import('./watch.js');
    checkSettable('convert', set, SETTABLE);
    const ofLabels = labels === undefined ? undefined : taskOf(labels, { file, set });
    const { config } = await loadConfig(file ?? shippedConfig('default.yaml'), { set });
    const tasks = ofLabels ?? config.tasks;
    const { norm } = config.data;
    const converted = await watch(output, { goOn: ANEW }, () =>
      convertCorpus(corpus, out, { tasks, to, format: from, norm }),
    );
    if (!converted) return;
    const { conversion, read } = converted;
    for (const line of warningLines(read)) output.notice(line);
    output.result(conversion, () => formatConversion(conversion));
  },
};

/** The one task of --labels, in the corpus folder itself. */
function taskOf(labels: string, { file, set }: { file?: string; set: string[] }): Tasks {
  if (file !== undefined || set.some((setting) => setting.startsWith('tasks')))
    throw new UsageError('--labels says what the one task is; leave out --config and --set tasks');
  const list = labels.split(',').map((label) => label.trim());
  const wrong = list.find((label) => !/^[^\s;]+$/.test(label));
  if (wrong !== undefined)
    throw new UsageError(`--labels has ${JSON.stringify(wrong)}; a label has no spaces and no semicolons`);
  return { spans: { folder: '.', labels: list } };
}

/** What was written, what was not read, and what was lost. */
function formatConversion({ from, to, out, documents, spans, codes, ...left }: Conversion): string {
  const counted = (numbers: Counted) =>
    Object.entries(numbers).map(([what, number]) => `${what}: ${number.toLocaleString('en')}`);
  const ofTasks = Object.entries(spans).map(([task, number]) => `${number} of ${task}`);
  return [
    `documents: ${documents}, spans: ${ofTasks.join(', ')}, codes: ${codes}, from ${from} to ${to}: ${out}`,
    ...counted(left.passedOver).map((line) => `not read, since documents have no place for them: ${line}`),
    ...counted(left.lost).map((line) => `lost, since ${to} cannot hold them: ${line}`),
  ].join('\n');
}
