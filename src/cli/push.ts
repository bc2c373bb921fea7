import type { CommandModule } from 'yargs';
import { outputOf } from './output.js';

interface Arguments {
  folder: string;
  name: string;
  public: boolean;
  branch: string;
  json?: boolean;
  quiet?: boolean;
}

export const command: CommandModule<object, Arguments> = {
  command: 'push <folder> <name>',
  builder: (yargs) =>
    yargs
      .positional('folder', { type: 'string', demandOption: true, describe: 'A folder that pack has made' })
      .positional('name', {
        type: 'string',
        demandOption: true,
        describe: "The model's name on the hub: org/name",
      })
      .options({
        public: {
          type: 'boolean',
          default: false,
          describe: 'Where the repository is made: let anyone see it; otherwise it is private',
        },
        branch: {
          type: 'string',
          default: 'main',
          requiresArg: true,
          describe: 'The branch that gets the commit',
        },
      }) as never,
  handler: async ({ folder, name, branch, ...argv }) => {
    const output = outputOf(argv);
    const { pushModel } = await import('../fetch/push.js');
    const { formatBytes, progressOn, silent } = await import('../fetch/progress.js');
    const { watch } = await import('./watch.js');
    const progress = output.quiet ? silent : await progressOn(process.stderr);
    const goOn = 'The same command goes on: files that came whole are not sent again';
    const pushed = await watch(output, { goOn }, (context) =>
      pushModel(folder, name, { public: argv.public, branch, progress }, context),
    );
    if (!pushed) return;
    output.result(pushed, () => {
      const sizes = Object.values(pushed.files);
      const bytes = formatBytes(sizes.reduce((sum, size) => sum + size, 0));
      return `${folder} is there: ${sizes.length} files, ${bytes}, ${pushed.url}`;
    });
  },
};
