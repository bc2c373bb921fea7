import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { CommandModule } from 'yargs';
import { corpusFormats, type CorpusFormatName } from '../config/choices.js';
import { checkWhole } from '../config/given.js';
import { UsageError } from '../errors.js';
import { AGAIN, outputOf } from './output.js';
import { MOVED, engineOption, setOption, withShort } from './set.js';

/** A run has a split of its own. */
const OF_RUN = ['tasks', ...MOVED, 'normalization', 'backend'];
const OF_CONFIG = [
  ...OF_RUN,
  'seed',
  'data.split',
  'data.splitSeed',
  'data.validationShare',
  'data.folds',
  'data.fold',
];

interface Arguments {
  from: string;
  mentions?: string;
  corpus?: string;
  format?: CorpusFormatName | 'auto';
  out?: string;
  explain: boolean;
  candidates: number;
  engine?: string;
  set?: string[];
  json?: boolean;
  quiet?: boolean;
}

export const command: CommandModule<object, Arguments> = {
  command: 'normalize <from>',
  builder: (yargs) =>
    yargs
      .positional('from', {
        type: 'string',
        demandOption: true,
        describe: "A run's folder, or a config file: then what finds codes is built now",
      })
      .options({
        mentions: {
          type: 'string',
          describe:
            'File of mentions: one a line, or a .tsv with the column text [default: the gold spans of the validation documents, scored]',
        },
        corpus: {
          type: 'string',
          describe: 'Take the gold spans of all documents of this corpus; scored where it has codes',
        },
        format: {
          choices: ['auto', ...corpusFormats],
          describe: 'Format of --corpus; auto: told by the names of its files [default: auto]',
        },
        out: {
          type: 'string',
          describe: 'Write the codes to this file: a NORM table where the mentions say where they stand',
        },
        explain: { type: 'boolean', default: false, describe: 'Show parts of the scores, nearest points' },
        candidates: { type: 'number', default: 5, describe: 'Codes to list for each mention' },
        engine: engineOption,
        set: setOption(OF_CONFIG),
      })
      .conflicts('mentions', 'corpus') as never,
  handler: async ({
    from,
    mentions: file,
    corpus,
    format,
    out,
    explain,
    candidates,
    engine,
    set = [],
    ...argv
  }) => {
    const output = outputOf(argv);
    checkWhole('--candidates', candidates, 1, 100_000);
    if (format !== undefined && corpus === undefined)
      throw new UsageError(
        '--format is that of --corpus: name one, or say that of the own corpus with --set data.format',
      );
    const { checkSettable } = await import('../config/settable.js');
    const isRun = existsSync(join(from, 'config.yaml'));
    if (isRun && corpus !== undefined && set.some((setting) => setting.startsWith('data.format=')))
      throw new UsageError(
        '--set data.format is of the corpus of the run: give that of --corpus with --format',
      );
    if (isRun) checkSettable("normalize of a run's folder", set, OF_RUN);
    else checkSettable('normalize', set, OF_CONFIG);
    const run = await import('../run/normalize.js');
    const { readMentions } = await import('../data/mentions.js');
    const { writeOutput } = await import('../files/write.js');
    const tables = await import('./normalizeTables.js');
    const { watch } = await import('./watch.js');
    const mentions = file === undefined ? undefined : await readMentions(file);
    const options = { candidates, neighbours: explain ? 5 : 0 };
    const settings = withShort(set, { engine });
    await watch(output, { goOn: AGAIN }, async (context) => {
      const source = await run.openSource({ from, set: settings }, context);
      try {
        const found = await (mentions
          ? run.normalizeMentions(source, mentions, options, context)
          : corpus === undefined
            ? run.normalizeValidation(source, from, options, context)
            : run.normalizeCorpus(
                source,
                { from, folder: corpus, format: format ?? 'auto' },
                options,
                context,
              ));
        const seconds = { build: source.seconds, coding: found.seconds };
        if (!('evaluation' in found)) {
          if (out !== undefined) await writeOutput(out, tables.formatMentions(found.mentions));
          return output.result({ ...found, seconds }, () => tables.mentionTables(found.mentions, explain));
        }
        if (out !== undefined) await writeOutput(out, tables.formatGold(found));
        const result = { ...found.evaluation, seconds };
        output.result(explain ? { ...result, mentions: tables.explained(found) } : result, () =>
          tables.codeEvaluationTables(found, source.normalizer, seconds, explain),
        );
      } finally {
        source.normalizer.dispose();
      }
    });
  },
};
