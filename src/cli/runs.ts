import { dirname } from 'node:path';
import { createInterface } from 'node:readline/promises';
import type { CommandModule } from 'yargs';
import { InputError, UsageError } from '../errors.js';
import { removeLeftovers } from '../files/temporary.js';
import { idleStates } from '../runFolder/states.js';
import { type Output, outputOf, print } from './output.js';

interface Arguments {
  action?: string;
  folder?: string;
  olderThan?: string;
  state?: string[];
  yes: boolean;
  json?: boolean;
  quiet?: boolean;
}

const ACTIONS = ['list', 'show', 'clean'];

export const command: CommandModule<object, Arguments> = {
  command: 'runs [action] [folder]',
  builder: (yargs) =>
    yargs
      .positional('action', {
        type: 'string',
        describe: 'list (what it does without), show RUN, or clean; or the folder to list',
      })
      .positional('folder', { type: 'string', describe: 'Folder of runs [default: runs]; to show, a run' })
      .options({
        'older-than': {
          type: 'string',
          describe: 'clean: runs that nothing has changed for so long, 12h or 7d',
        },
        state: {
          array: true,
          requiresArg: true,
          choices: idleStates,
          describe: 'clean: runs in this state only; may be given more than once',
        },
        yes: { type: 'boolean', default: false, describe: 'clean: remove without asking' },
      })
      .example(
        'meddoprof runs clean --older-than 7d --state failed',
        'asks before it removes anything',
      ) as never,
  handler: async ({ action = 'list', folder, ...argv }) => {
    const output = outputOf(argv);
    const isAction = ACTIONS.includes(action);
    if (!isAction && folder !== undefined)
      throw new UsageError(`runs has no ${action}; it has list, show and clean`);
    if (action !== 'clean' && (argv.olderThan !== undefined || argv.state || argv.yes))
      throw new UsageError('--older-than, --state and --yes are for runs clean');
    const where = isAction ? folder : action;
    if (action === 'show') return show(where, output);
    if (action === 'clean') return clean(where ?? 'runs', argv, output);
    const { listRuns } = await import('../runFolder/list.js');
    const { runsTable } = await import('./runsTables.js');
    const runs = await listRuns(where ?? 'runs');
    output.result(runs.map(shown), () => runsTable(runs));
  },
};

async function show(folder: string | undefined, output: Output): Promise<void> {
  if (folder === undefined) throw new UsageError('name the run: meddoprof runs show RUN');
  const { listedRun } = await import('../runFolder/list.js');
  const { runText } = await import('./runsTables.js');
  const run = await listedRun(folder);
  if (!run) throw new InputError(`${folder} is no run: it has no run.json that meddoprof wrote`);
  output.result({ ...shown(run), record: run.record, config: run.config }, () => runText(run));
}

async function clean(folder: string, { olderThan, state, yes }: Arguments, output: Output): Promise<void> {
  if (olderThan === undefined) throw new UsageError('runs clean needs --older-than, 7d for seven days');
  const limit = Date.now() - millisecondsOf(olderThan);
  const { listRuns, removeRun } = await import('../runFolder/list.js');
  const { runsTable } = await import('./runsTables.js');
  const { formatBytes } = await import('../fetch/progress.js');
  const all = await listRuns(folder);
  await removeLeftovers(folder, ...new Set(all.map((run) => dirname(run.folder)))); // of a removal that was killed
  const old = all.filter(
    (run) =>
      run.state !== 'running' && run.changed.getTime() < limit && (!state || state.includes(run.state)),
  );
  const size = old.reduce((sum, run) => sum + run.size, 0);
  if (old.length === 0) return output.result({ removed: [], size: 0 }, () => 'No run is that old.');
  if (!yes) {
    if (!process.stdin.isTTY || !process.stderr.isTTY)
      throw new UsageError(
        `${old.length} runs would be removed (${old.map((run) => run.folder).join(', ')}): say so with --yes, for nobody can be asked here`,
      );
    print(process.stderr, runsTable(old));
    if (!(await agreed(`Remove ${old.length} runs, ${formatBytes(size)}? [y/N] `))) return;
  }
  const removed: string[] = [];
  for (const run of old) if (await removeRun(run.folder)) removed.push(run.folder);
  output.result({ removed, size }, () => [...removed.map((name) => `removed ${name}`), formatBytes(size)].join('\n')); // prettier-ignore
}

async function agreed(question: string): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await terminal.question(question);
  terminal.close();
  return /^y(es)?$/i.test(answer.trim());
}

/** @throws UsageError for what is no length of time */
function millisecondsOf(text: string): number {
  const parts = /^(\d+)(h|d|w)$/.exec(text);
  if (!parts) throw new UsageError(`--older-than ${text}: write it as 12h, 7d or 2w`);
  const hours = { h: 1, d: 24, w: 168 }[parts[2] as 'h' | 'd' | 'w'];
  return Number(parts[1]) * hours * 3_600_000;
}

/** A run for --json. */
function shown(run: Awaited<ReturnType<typeof import('../runFolder/list.js').listRuns>>[number]) {
  const { folder, state, reason, started, changed, epoch, step, f1, size } = run;
  return { folder, state, reason, started, changed, epoch, step, f1, size };
}
