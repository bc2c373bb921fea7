import { join } from 'node:path';
import type { CommandModule } from 'yargs';
import { engines } from '../config/choices.js';
import { checkWhole } from '../config/given.js';
import { shippedConfig } from '../config/shipped.js';
import { outputOf } from './output.js';
import { setOption, withShort } from './set.js';

/** All but where things are: the demo makes them. */
const SETTABLE = [
  ...['seed', 'tasks', 'data.windowPieces', 'data.windowStride', 'encoder', 'model', 'training'],
  ...['augmentation', 'decoding', 'normalization', 'backend'],
];

interface Arguments {
  out: string;
  documents: number;
  engine?: string;
  set?: string[];
  json?: boolean;
  quiet?: boolean;
}

export const command: CommandModule<object, Arguments> = {
  command: 'demo',
  builder: {
    out: {
      type: 'string',
      default: join('runs', 'demo'),
      describe: "The demo's folder; an earlier demo in it goes",
    },
    documents: { type: 'number', default: 400, describe: 'Documents of the corpus' },
    engine: { choices: engines, describe: 'What computes' },
    set: setOption(SETTABLE),
  },
  handler: async ({ out, documents, engine, set = [], ...argv }) => {
    const output = outputOf(argv);
    checkWhole('--documents', documents, 20, 100_000);
    const { checkSettable } = await import('../config/settable.js');
    checkSettable('demo', set, SETTABLE);
    const { loadConfig } = await import('../config/load.js');
    const { makeDemo } = await import('../run/demo.js');
    const { train } = await import('./trainSession.js');
    const settings = withShort(set, { engine });
    const { config } = await loadConfig(shippedConfig('demo.yaml'), { set: settings });
    const completed = await makeDemo(out, documents, config);
    output.notice(
      `An invented corpus of ${documents} documents is in ${completed.data.corpus}; now a small model learns it.`,
    );
    const run = join(out, 'run');
    await train(completed, run, false, output);
    if (process.exitCode) return;
    output.notice(nextSteps(run, completed.data.corpus));
  },
};

function nextSteps(run: string, corpus: string): string {
  const predictions = join(run, 'predictions');
  return `
The validation documents were written with sentences and words that training never saw.
Next:
  open ${join(run, 'report.html')} in a browser: scores, curves, errors, the documents with their spans
  npx meddoprof evaluate --task ner --gold ${corpus} --predictions ${predictions} --split ${join(run, 'split.json')} --errors 3
  npx meddoprof normalize ${run}
  npx meddoprof predict ${run} --input ${join(corpus, 'task1')} --out predictions
  npx meddoprof train configs/default.yaml --dry-run --set data.corpus=YOUR/CORPUS`;
}
