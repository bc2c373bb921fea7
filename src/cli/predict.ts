import { join } from 'node:path';
import type { CommandModule } from 'yargs';
import { outputOf } from './output.js';

interface Arguments {
  runs: string[];
  input: string;
  out: string;
  checkpoint: string;
  batchSize: number;
  engine: 'auto' | 'native' | 'webgpu' | 'wasm' | 'cpu';
  device: 'auto' | 'gpu' | 'cpu';
  precision: 'float32' | 'bfloat16';
  shard?: string;
  resume: boolean;
  json?: boolean;
  quiet?: boolean;
}

export const command: CommandModule<object, Arguments> = {
  command: 'predict <runs..>',
  describe: 'Find occupations in raw text: submission files from a trained run',
  builder: (yargs) =>
    yargs
      .positional('runs', {
        type: 'string',
        describe: 'Folder of a run, or of a checkpoint; of several, the mean of their probabilities decides',
      })
      .options({
        input: { type: 'string', demandOption: true, describe: 'Folder of .txt files' },
        out: {
          type: 'string',
          demandOption: true,
          describe: 'Where the .ann files go, a folder per task, and norm.tsv',
        },
        checkpoint: {
          choices: ['best', 'last'],
          default: 'best',
          describe: "Which of the run's checkpoints",
        },
        'batch-size': { type: 'number', default: 16, describe: 'Windows computed together' },
        engine: {
          choices: ['auto', 'native', 'webgpu', 'wasm', 'cpu'],
          default: 'auto',
          describe: 'What computes',
        },
        device: {
          choices: ['auto', 'gpu', 'cpu'],
          default: 'auto',
          describe: 'gpu: fail where there is none',
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
        precision: { choices: ['float32', 'bfloat16'], default: 'float32', describe: 'Of matrix products' },
      }) as never,
  handler: async ({
    runs,
    input,
    out,
    checkpoint,
    batchSize,
    engine,
    device,
    precision,
    shard: part,
    resume,
    ...argv
  }) => {
    const output = outputOf(argv);
    const { predictFolder } = await import('../predict/predictFolder.js');
    const { normName, parseShard } = await import('../predict/shard.js');
    const { startEngine } = await import('../backend/engine.js');
    const { formatDuration } = await import('./format.js');
    const shard = part === undefined ? undefined : parseShard(part);
    const { notice } = await startEngine({ engine, device, precision });
    if (notice) output.notice(notice);
    const result = await predictFolder({
      models: runs.map((run) => [join(run, 'checkpoints', checkpoint), run]),
      normalizer: join(runs[0]!, 'normalizer'),
      input,
      out,
      batchSize,
      resume,
      ...(shard && { shard }),
      onNotice: (text) => output.notice(text),
      onProgress: (documents, seconds) =>
        output.notice(`${documents} documents, ${(documents / seconds).toFixed(1)} a second`),
    });
    output.result(result, () => {
      const spans = Object.entries(result.spans).map(([task, count]) => `${count} ${task}`);
      const codes = result.codes === null ? '' : `, ${result.codes} codes in ${normName(shard)}`;
      const skipped = result.skipped === 0 ? '' : ` (${result.skipped} were there)`;
      return `${result.documents} documents${skipped}, ${spans.join(' and ')} spans${codes} in ${formatDuration(result.seconds)}: ${out}`;
    });
  },
};
