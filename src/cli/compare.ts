import type { CommandModule } from 'yargs';
import { checkWhole } from '../config/given.js';
import { UsageError } from '../errors.js';
import { ANEW, outputOf } from './output.js';
import { MOVED, setOption } from './set.js';

interface Arguments {
  runs: string[];
  baseline?: string;
  folder?: string;
  folds?: number[];
  resamples: number;
  seed: number;
  csv: boolean;
  markdown: boolean;
  latex: boolean;
  report?: string;
  set?: string[];
  json?: boolean;
  quiet?: boolean;
}

export const command: CommandModule<object, Arguments> = {
  command: 'compare <runs..>',
  builder: (yargs) =>
    yargs
      .positional('runs', {
        type: 'string',
        array: true,
        demandOption: true,
        describe:
          'Folders of runs, or an experiment file; runs that differ in nothing but the seed are one variant',
      })
      .options({
        baseline: {
          type: 'string',
          describe: "The variant that the others are held against [default: the file's, or the first]",
        },
        folder: {
          type: 'string',
          describe: "Where an experiment's runs are [default: runs/<name of the file>]",
        },
        folds: {
          type: 'number',
          array: true,
          requiresArg: true,
          describe:
            'The folds that are pooled, where not all have been trained yet: --folds 1 --folds 2 [default: all]',
        },
        resamples: {
          type: 'number',
          default: 10_000,
          describe: 'Resamples of the documents for intervals, and exchanges for tests',
        },
        seed: { type: 'number', default: 1, describe: 'What resamples and exchanges are drawn from' },
        csv: { type: 'boolean', default: false, describe: 'Print the scores as comma-separated values' },
        markdown: { type: 'boolean', default: false, describe: 'Print the tables in Markdown' },
        latex: { type: 'boolean', default: false, describe: 'Print the scores as a LaTeX table (booktabs)' },
        report: { type: 'string', describe: 'Also write a report to this file: HTML, to open from disk' },
        set: setOption(MOVED),
      }) as never,
  handler: async ({
    runs,
    baseline,
    folder,
    folds,
    resamples,
    seed,
    csv,
    markdown,
    latex,
    report,
    set = [],
    ...argv
  }) => {
    const output = outputOf(argv);
    checkWhole('--resamples', resamples, 100, 1_000_000);
    for (const fold of folds ?? []) checkWhole('--folds', fold, 1, 1000);
    checkWhole('--seed', seed);
    const named = Object.entries({ csv, markdown, latex, json: argv.json }).filter(([, is]) => is);
    if (named.length > 1)
      throw new UsageError(`--${named[0]![0]} and --${named[1]![0]} exclude each other: choose one`);
    const { checkSettable } = await import('../config/settable.js');
    checkSettable('compare', set, MOVED);
    const { openGroups } = await import('../compare/open.js');
    const { compareRuns } = await import('../compare/compare.js');
    const formats = await import('./compareFormats.js');
    const { watch } = await import('./watch.js');
    const comparison = await watch(output, { goOn: ANEW }, async (context) => {
      const onNotice = (text: string) => output.notice(text);
      const { groups, ...opened } = await openGroups(runs, { set, folder, folds, onNotice });
      const statistics = { resamples, permutations: resamples, seed };
      const compared = await compareRuns(
        groups,
        { ...opened, baseline: baseline ?? opened.baseline, ...statistics },
        context,
      );
      if (report === undefined) return compared;
      const { writeComparisonReport } = await import('../report/comparison.js');
      await writeComparisonReport(report, compared, groups);
      context.notice(`Open ${report} in a browser.`);
      return compared;
    });
    if (!comparison) return;
    const format = csv
      ? formats.formatCsv
      : markdown
        ? formats.formatMarkdown
        : latex
          ? formats.formatLatex
          : formats.formatComparison;
    output.result(comparison, () => format(comparison));
  },
};
