import type { CommandModule } from 'yargs';
import { UsageError } from '../errors.js';
import { AGAIN, outputOf } from './output.js';
import { MOVED, engineOption, setOption, withShort } from './set.js';

const SETTABLE = [...MOVED, 'backend'];

interface Arguments {
  run: string;
  layer: number;
  loss: number;
  engine?: string;
  set?: string[];
  json?: boolean;
  quiet?: boolean;
}

export const command: CommandModule<object, Arguments> = {
  command: 'gate <run>',
  builder: (yargs) =>
    yargs
      .positional('run', { type: 'string', demandOption: true, describe: 'Folder of a finished run' })
      .options({
        layer: {
          type: 'number',
          default: 2,
          describe: 'The layer that it reads: a lower one costs less, a higher one tells more windows',
        },
        loss: {
          type: 'number',
          default: 0.005,
          describe: 'The recall that no task may lose more of, as in .005',
        },
        engine: engineOption,
        set: setOption(SETTABLE),
      }) as never,
  handler: async ({ run, layer, loss, engine, set = [], ...argv }) => {
    const output = outputOf(argv);
    if (!Number.isInteger(layer) || layer < 1)
      throw new UsageError('--layer needs the number of a layer, 1 or more: --layer 2');
    if (!(loss >= 0 && loss < 1)) throw new UsageError('--loss needs a share of at least 0 and below 1: --loss .005'); // prettier-ignore
    const { checkSettable } = await import('../config/settable.js');
    checkSettable('gate', set, SETTABLE);
    const { makeGate } = await import('../run/gate.js');
    const { gateTable } = await import('./gateTable.js');
    const { watch } = await import('./watch.js');
    const options = { layer, loss, set: withShort(set, { engine }) };
    const gate = await watch(output, { goOn: AGAIN }, (context) => makeGate(run, options, context));
    if (!gate) return;
    const { threshold, documents, estimate } = gate;
    output.result({ layer, loss, threshold, documents, estimate }, () => gateTable(gate, run));
  },
};
