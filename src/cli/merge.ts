import type { CommandModule } from 'yargs';
import { outputOf } from './output.js';

interface Arguments {
  out: string;
  json?: boolean;
  quiet?: boolean;
}

export const command: CommandModule<object, Arguments> = {
  command: 'merge <out>',
  builder: (yargs) =>
    yargs.positional('out', {
      type: 'string',
      demandOption: true,
      describe: 'Folder that all shards were predicted into (--out)',
    }) as never,
  handler: async ({ out, ...argv }) => {
    const { mergeShards } = await import('../predict/shard.js');
    const merged = await mergeShards(out);
    outputOf(argv).result(merged, () =>
      merged.files.map(({ file, rows }) => `${rows} rows of ${merged.shards} shards: ${file}`).join('\n'),
    );
  },
};
