import type { CommandModule } from 'yargs';
import { ANEW, outputOf } from './output.js';
import { MOVED, setOption } from './set.js';

interface Arguments {
  run: string;
  out?: string;
  set?: string[];
  json?: boolean;
  quiet?: boolean;
}

export const command: CommandModule<object, Arguments> = {
  command: 'report <run>',
  builder: (yargs) =>
    yargs.positional('run', { type: 'string', demandOption: true, describe: "A run's folder" }).options({
      out: { type: 'string', describe: 'The file [default: report.html in the folder]' },
      set: setOption(MOVED),
    }) as never,
  handler: async ({ run, out, set = [], ...argv }) => {
    const output = outputOf(argv);
    const { checkSettable } = await import('../config/settable.js');
    checkSettable('report', set, MOVED);
    const { writeRunReport } = await import('../report/run.js');
    const { watch } = await import('./watch.js');
    const file = await watch(output, { goOn: ANEW }, (context) => writeRunReport(run, { set, out }, context));
    if (file !== undefined) output.result({ report: file }, () => file);
  },
};
