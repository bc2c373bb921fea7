import type { CommandModule } from 'yargs';
import { calibrationMethods, type CalibrationMethod } from '../eval/calibrate.js';
import { UsageError } from '../errors.js';
import { AGAIN, outputOf } from './output.js';
import { MOVED, engineOption, setOption, withShort } from './set.js';

const SETTABLE = [...MOVED, 'backend'];

interface Arguments {
  runs: string[];
  recall?: number;
  calibrate?: CalibrationMethod;
  out?: string;
  engine?: string;
  set?: string[];
  json?: boolean;
  quiet?: boolean;
}

export const command: CommandModule<object, Arguments> = {
  command: 'tune <runs..>',
  builder: (yargs) =>
    yargs
      .positional('runs', {
        type: 'string',
        array: true,
        demandOption: true,
        describe: 'Folder of a finished run, or the folders of the runs of its folds',
      })
      .options({
        recall: {
          type: 'number',
          describe: 'Aim at the best precision of those thresholds whose recall is at least this, as in .9',
        },
        calibrate: {
          choices: calibrationMethods,
          describe:
            'Also make scores the share of spans, or codes, that is right: by one number a label, or by a curve that only rises',
        },
        out: { type: 'string', describe: 'Also write the thresholds to this file, as a part of a config' },
        engine: engineOption,
        set: setOption(SETTABLE),
      }) as never,
  handler: async ({ runs, recall, calibrate, out, engine, set = [], ...argv }) => {
    const output = outputOf(argv);
    if (recall !== undefined && !(recall > 0 && recall <= 1))
      throw new UsageError('--recall needs a share above 0 and at most 1: --recall .9');
    const { checkSettable } = await import('../config/settable.js');
    checkSettable('tune', set, SETTABLE);
    const { tuneRuns } = await import('../run/tune.js');
    const { writeOutput } = await import('../files/write.js');
    const { configPart, tuningTables } = await import('./tuneTables.js');
    const { watch } = await import('./watch.js');
    const settings = withShort(set, { engine });
    const objective =
      recall === undefined ? ({ kind: 'f1' } as const) : ({ kind: 'precision', recall } as const);
    const notices: string[] = [];
    const tuned = await watch(output, { goOn: AGAIN }, async (context) => {
      const notice = (text: string) => {
        notices.push(text);
        context.notice(text);
      };
      const options = { objective, calibrate, set: settings };
      const result = await tuneRuns(runs, options, { ...context, notice });
      if (out !== undefined) await writeOutput(out, configPart(result));
      return result;
    });
    if (tuned) output.result({ ...tuned, notices }, () => tuningTables(tuned, runs));
  },
};
