import type { CommandModule } from 'yargs';
import { corpusFormats, devices, precisions, type CorpusFormatName } from '../config/choices.js';
import { checkWhole } from '../config/given.js';
import { MOST_WINDOWS } from '../config/sections/values.js';
import { PREDICTION } from '../config/settable.js';
import { checkpoints } from '../runFolder/paths.js';
import { outputOf } from './output.js';
import { engineOption, setOption, withShort } from './set.js';

interface Arguments {
  runs: [string, ...string[]];
  input: string;
  format: CorpusFormatName | 'auto';
  out: string;
  checkpoint: (typeof checkpoints)[number];
  batchSize: number;
  engine?: string;
  device?: string;
  precision?: string;
  shard?: string;
  resume: boolean;
  brat: boolean;
  scores: boolean;
  tuned: boolean;
  earlyExit: boolean;
  set?: string[];
  json?: boolean;
  quiet?: boolean;
}

export const command: CommandModule<object, Arguments> = {
  command: 'predict <runs..>',
  builder: (yargs) =>
    yargs
      .positional('runs', {
        type: 'string',
        describe:
          'Folder of a run, of a checkpoint or of a packed model, or hub:org/name; of several, the mean of their probabilities decides',
      })
      .options({
        input: {
          type: 'string',
          demandOption: true,
          describe: 'Folder of .txt files, or a corpus in another format',
        },
        format: {
          choices: ['auto', ...corpusFormats],
          default: 'auto',
          describe: 'Format of --input; auto: told by the names of its files',
        },
        out: {
          type: 'string',
          demandOption: true,
          describe: 'Where the .ann files go, a folder per task, and norm.tsv',
        },
        checkpoint: {
          choices: checkpoints,
          default: 'best',
          describe: "Which of the run's checkpoints",
        },
        'batch-size': { type: 'number', default: 16, describe: 'Windows computed together' },
        engine: engineOption,
        device: {
          choices: devices,
          describe: 'Short for --set backend.device=…; gpu: fail where there is none',
        },
        shard: {
          type: 'string',
          describe:
            'Only this part of the documents, as in 3/8: each name belongs to one of them, on any machine',
        },
        resume: {
          type: 'boolean',
          default: false,
          describe: 'Leave out documents whose predictions are in --out already',
        },
        scores: {
          type: 'boolean',
          default: false,
          describe:
            'Also write spans.jsonl: every span with its score from 0 to 1, and the codes that it may have with theirs',
        },
        tuned: {
          type: 'boolean',
          default: false,
          describe:
            "Take the thresholds and calibrations that `meddoprof tune` has written into the (first) run's folder",
        },
        'early-exit': {
          type: 'boolean',
          default: false,
          describe:
            'Read no window to its end in which the gate finds nothing that `meddoprof gate` has made: faster, and a little is missed',
        },
        brat: {
          type: 'boolean',
          default: false,
          describe:
            'Write spans over a line end as brat opens them, in parts (33 45;46 53); the official scorer drops files with such spans',
        },
        precision: {
          choices: precisions,
          describe: 'Short for --set backend.precision=…: of matrix products',
        },
        set: setOption(PREDICTION),
      }) as never,
  handler: async ({
    runs,
    input,
    format,
    out,
    checkpoint,
    batchSize,
    engine,
    device,
    precision,
    shard: part,
    resume,
    brat,
    scores,
    tuned,
    earlyExit,
    set = [],
    ...argv
  }) => {
    const output = outputOf(argv);
    checkWhole('--batch-size', batchSize, 1, MOST_WINDOWS);
    const { openModels } = await import('../predict/openModels.js');
    const { predictFolder } = await import('../predict/predictFolder.js');
    const { parseShard, tableName } = await import('../predict/shard.js');
    const { watch } = await import('./watch.js');
    const { formatDuration } = await import('./format.js');
    const shard = part === undefined ? undefined : parseShard(part);
    const settings = withShort(set, { engine, device, precision });
    const goOn = 'The same command with --resume goes on from what is written';
    const result = await watch(output, { goOn }, async (context) => {
      const opening = { checkpoint, batchSize, tuned, earlyExit, set: settings };
      const models = await openModels(runs, opening, context);
      try {
        const options = { input, format, out, shard, resume, scores, fragments: brat };
        return await predictFolder(models, options, context);
      } finally {
        models.dispose();
      }
    });
    if (!result) return;
    output.result(result, () => {
      const spans = Object.entries(result.spans).map(([task, count]) => `${count} ${task}`);
      const codes = result.codes === null ? '' : `, ${result.codes} codes in ${tableName('norm', shard)}`;
      const scored = result.scores === null ? '' : `, scores in ${tableName('spans', shard)}`;
      const skipped = result.skipped === 0 ? '' : `${result.skipped} documents were there; new: `;
      const { windows } = result;
      const exited = windows === null ? '' : `, ${windows.read} of ${windows.all} windows read to their end`;
      return `${skipped}${result.documents} documents, ${spans.join(' and ')} spans${codes}${scored}${exited} in ${formatDuration(result.seconds)}: ${out}`;
    });
  },
};
