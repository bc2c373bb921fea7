import type { CommandModule } from 'yargs';
import { shippedConfig } from '../config/shipped.js';
import { UsageError } from '../errors.js';
import { evaluateRequest } from '../eval/request.js';
import { formatEvaluation } from './evaluateTables.js';
import { outputOf } from './output.js';

interface Arguments {
  task: string;
  gold: string;
  predictions: string;
  codes?: string;
  split?: string;
  labels?: string;
  config?: string;
  errors: number;
  set?: string[];
  json?: boolean;
  quiet?: boolean;
}

export const command: CommandModule<object, Arguments> = {
  command: 'evaluate',
  describe: 'Score predictions as the shared task does, with the detail behind it',
  builder: {
    task: { type: 'string', demandOption: true, describe: 'ner, class, another task of the config, or norm' },
    gold: {
      type: 'string',
      demandOption: true,
      describe: 'Folder of .ann files, or a corpus; for norm a .tsv file, or its folder',
    },
    predictions: { type: 'string', demandOption: true, describe: 'The same, with the predictions' },
    codes: { type: 'string', describe: 'norm: table of the valid codes; without it every code is valid' },
    split: { type: 'string', describe: "A run's split.json: score its validation documents only" },
    labels: { type: 'string', describe: "The labels that are scored, A,B,C [default: the config's]" },
    config: { type: 'string', describe: 'Config file with the tasks [default: the shipped default.yaml]' },
    errors: { type: 'number', default: 0, describe: 'How many examples of each kind of error to show' },
  },
  handler: async ({ errors, labels, config = shippedConfig('default.yaml'), ...argv }) => {
    if (!Number.isInteger(errors) || errors < 0)
      throw new UsageError('--errors needs a whole number, 0 or more');
    const output = outputOf(argv);
    const { evaluation, notices } = await evaluateRequest({
      ...argv,
      ...{ config, examples: errors },
      labels: labels
        ?.split(',')
        .map((label) => label.trim())
        .filter(Boolean),
    });
    for (const notice of notices) output.notice(notice);
    output.result({ task: argv.task, ...evaluation, notices }, () => formatEvaluation(evaluation));
  },
};
