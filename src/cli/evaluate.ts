import type { CommandModule } from 'yargs';
import { corpusFormats, type CorpusFormatName } from '../config/choices.js';
import { checkWhole } from '../config/given.js';
import { shippedConfig } from '../config/shipped.js';
import { UsageError } from '../errors.js';
import { rules, type Rule } from '../eval/folders.js';
import { evaluateRequest } from '../eval/request.js';
import { formatEvaluation } from './evaluateTables.js';
import { ANEW, outputOf } from './output.js';
import { setOption } from './set.js';

interface Arguments {
  task: string;
  gold: string;
  predictions: string;
  format: CorpusFormatName | 'auto';
  codes?: string;
  split?: string;
  labels?: string;
  config?: string;
  rule: Rule;
  errors: number;
  set?: string[];
  json?: boolean;
  quiet?: boolean;
}

export const command: CommandModule<object, Arguments> = {
  command: 'evaluate',
  builder: {
    task: { type: 'string', demandOption: true, describe: 'ner, class, another task of the config, or norm' },
    gold: {
      type: 'string',
      demandOption: true,
      describe:
        'Folder of .ann files, or a corpus, in another format too; for norm a .tsv file, or its folder',
    },
    predictions: {
      type: 'string',
      demandOption: true,
      describe: "The same, with the predictions, or a run's folder",
    },
    format: {
      choices: ['auto', ...corpusFormats.filter((name) => name !== 'brat')],
      default: 'auto',
      describe: 'Format of what is no folder of .ann files; auto: told by the names of the files',
    },
    codes: { type: 'string', describe: 'norm: table of the valid codes; without it every code is valid' },
    split: {
      type: 'string',
      describe: 'A run, or its split.json: score only the documents that it holds out',
    },
    labels: { type: 'string', describe: "The labels that are scored, A,B,C [default: the config's]" },
    config: { type: 'string', describe: 'Config file with the tasks [default: the shipped default.yaml]' },
    rule: {
      choices: rules,
      default: 'official',
      describe:
        'official: score what the official scorer reads; all: every span of the files, whatever relations, attributes or spans in parts are beside it',
    },
    errors: { type: 'number', default: 0, describe: 'How many examples of each kind of error to show' },
    set: setOption(['tasks']),
  },
  handler: async ({
    task,
    gold,
    predictions,
    format,
    codes,
    split,
    labels,
    config,
    rule,
    errors,
    set = [],
    ...argv
  }) => {
    checkWhole('--errors', errors, 0, 100_000);
    await checkConfig({ task, labels, config, set, format: format === 'auto' ? undefined : format });
    const output = outputOf(argv);
    const request = {
      task,
      gold,
      predictions,
      codes,
      split,
      set,
      rule,
      examples: errors,
      config,
      format: format === 'auto' ? undefined : format,
      labels: labels
        ?.split(',')
        .map((label) => label.trim())
        .filter(Boolean),
    };
    const { watch } = await import('./watch.js');
    const evaluated = await watch(output, { goOn: ANEW }, () => evaluateRequest(request));
    if (!evaluated) return;
    const { evaluation, leftOut, notices } = evaluated;
    for (const notice of notices) output.notice(notice);
    output.result({ task, ...evaluation, leftOut, notices }, () => formatEvaluation(evaluation));
  },
};

/** What is said of the config is held to it, also where it will not be needed. */
async function checkConfig({
  task,
  labels,
  config,
  set,
  format,
}: Pick<Arguments, 'task' | 'labels' | 'config'> & {
  set: string[];
  format?: CorpusFormatName;
}): Promise<void> {
  const given = Object.entries({ labels, config, format, set: set[0] }).find(
    ([, value]) => value !== undefined,
  );
  if (task === 'norm' && given)
    throw new UsageError(`--${given[0]} is for tasks with labels, and --task norm has none; leave it out`);
  if (set.length === 0 && config === undefined) return;
  const { checkSettable } = await import('../config/settable.js');
  if (labels === undefined) checkSettable('evaluate', set, ['tasks']);
  else checkSettable('evaluate with --labels', set, [`tasks.${task}.folder`]);
  const { loadConfig } = await import('../config/load.js');
  await loadConfig(config ?? shippedConfig('default.yaml'), { set });
}
