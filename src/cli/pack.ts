import { basename } from 'node:path';
import type { CommandModule } from 'yargs';
import { UsageError } from '../errors.js';
import type { Packed } from '../pack/pack.js';
import { checkpoints } from '../runFolder/paths.js';
import { ANEW, outputOf } from './output.js';
import { MOVED, setOption } from './set.js';

/** How spans are decoded from now on, and where the run's files are. */
const SETTABLE = ['decoding', ...MOVED, 'encoder.weights'];

const TYPES = { float32: 'F32', float16: 'F16', bfloat16: 'BF16' } as const;

interface Arguments {
  run: string;
  out: string;
  license: string;
  language: string[];
  name?: string;
  corpus: string;
  base?: string;
  type: keyof typeof TYPES;
  words: 'keep' | 'restore';
  mentions: boolean;
  tuned: boolean;
  checkpoint: (typeof checkpoints)[number];
  set?: string[];
  json?: boolean;
  quiet?: boolean;
}

export const command: CommandModule<object, Arguments> = {
  command: 'pack <run>',
  builder: (yargs) =>
    yargs.positional('run', { type: 'string', demandOption: true, describe: "A run's folder" }).options({
      out: { type: 'string', demandOption: true, requiresArg: true, describe: 'The folder to make' },
      license: {
        type: 'string',
        demandOption: true,
        requiresArg: true,
        describe: "The model's licence, by the hub's name for it: apache-2.0, cc-by-4.0, other …",
      },
      language: {
        type: 'string',
        array: true,
        requiresArg: true,
        default: [],
        describe: 'Language of the texts that it reads, by its two letters: es',
      },
      name: { type: 'string', requiresArg: true, describe: "The model's name [default: the folder's]" },
      corpus: {
        type: 'string',
        requiresArg: true,
        default: 'the training corpus',
        describe: 'What the card calls the corpus',
      },
      base: {
        type: 'string',
        requiresArg: true,
        describe: "The hub's name of the encoder that training began with",
      },
      type: { choices: Object.keys(TYPES), default: 'float32', describe: 'How weights are stored' },
      words: {
        choices: ['keep', 'restore'],
        default: 'keep',
        describe:
          'restore: put the rows of the word table back as they were before the training; those that it has changed show which pieces the texts use',
      },
      mentions: {
        type: 'boolean',
        default: false,
        describe:
          'Take along what finds codes, and with it all mentions of the training documents, word for word',
      },
      tuned: {
        type: 'boolean',
        default: false,
        describe: 'With the thresholds and calibrations that meddoprof tune has found for the run',
      },
      checkpoint: { choices: checkpoints, default: 'best', describe: 'Which checkpoint' },
      set: setOption(SETTABLE),
    }) as never,
  handler: async ({ run, out, name, type, words, set = [], ...argv }) => {
    const output = outputOf(argv);
    const { license, language: languages, corpus, base, mentions, tuned, checkpoint } = argv;
    if (!/^[a-z0-9][a-z0-9.-]*$/.test(license))
      throw new UsageError(
        `--license ${license}: the hub's names have small letters, digits, . and -: apache-2.0, other`,
      );
    const odd = languages.find((language) => !/^[a-z]{2,3}(-[A-Za-z0-9]+)*$/.test(language));
    if (odd !== undefined) throw new UsageError(`--language ${odd}: name it by its two letters, as es`);
    const { checkSettable } = await import('../config/settable.js');
    checkSettable('pack', set, SETTABLE);
    const { packRun } = await import('../pack/pack.js');
    const { watch } = await import('./watch.js');
    const options = {
      out,
      license,
      languages,
      corpus,
      base,
      mentions,
      tuned,
      checkpoint,
      set,
      name: name ?? basename(out),
      type: TYPES[type],
      restoreWords: words === 'restore',
    };
    const packed = await watch(output, { goOn: ANEW }, (context) => packRun(run, options, context));
    if (packed) output.result(packed, () => formatPacked(packed));
  },
};

function formatPacked({ out, files, words, codes, tracks }: Packed): string {
  const mebibytes = Object.values(files).reduce((sum, size) => sum + size, 0) / 2 ** 20;
  const scores = (tracks ?? []).map(({ track, all }) => `${track} F1 ${all.f1.toFixed(3)}`);
  return [
    `${out}: ${Object.keys(files).length} files, ${mebibytes.toFixed(1)} MiB${scores.length > 0 ? `; ${scores.join(', ')}` : ''}`,
    ...(words && words.changed > 0 && !words.restored
      ? [
          `${words.changed.toLocaleString('en')} rows of the word table show which pieces the training texts use: --words restore puts them back; a training with the embeddings frozen leaves them`,
        ]
      : []),
    ...(words?.restored
      ? [
          'The rows of the word table that training had changed were put back: predict with the folder, and score it, before you hand it on',
        ]
      : []),
    codes
      ? 'normalizer/ has the mentions of the training documents, word for word'
      : 'Nothing of the training texts is in it, and nothing that finds codes: --mentions takes it along',
  ].join('\n');
}
