import type { CommandModule } from 'yargs';

export interface Commands {
  /** In the order in which --help lists them. */
  list: { name: string; description: string }[];
  /** Imports the module of one command, so that --help and mistakes in usage stay quick. */
  load(name: string): Promise<{ command: CommandModule }>;
}

/** The program's commands: each is a module of this folder with the command's name. */
export const shipped: Commands = {
  list: [
    { name: 'demo', description: 'The whole task, small: makes a corpus, trains, evaluates' },
    { name: 'train', description: 'Train a model as a config file says' },
    { name: 'evaluate', description: 'Score predictions as the shared task does, with the detail behind it' },
    { name: 'predict', description: 'Find occupations in raw text: submission files from a trained run' },
    {
      name: 'tune',
      description:
        'Find the threshold of each label that gives the best F1, or precision at a recall; calibrate scores',
    },
    {
      name: 'gate',
      description: 'Teach a run to tell windows without a span by a lower layer, for predict --early-exit',
    },
    {
      name: 'compare',
      description: 'Compare runs: means over seeds, intervals, and which differences are significant',
    },
    { name: 'runs', description: 'List runs with their state, show one, or remove old ones' },
    {
      name: 'merge',
      description: 'Put what the shards of a prediction gave into one norm.tsv, and one spans.jsonl',
    },
    {
      name: 'normalize',
      description: 'Find codes for given spans: mentions of a file, or the gold spans of validation',
    },
    { name: 'pretrain', description: 'Train a masked language model further on raw text' },
    {
      name: 'augment',
      description: 'Make new training examples of rare labels, ranked by a language model',
    },
    {
      name: 'report',
      description: 'Make the report of a finished run again: one HTML file, to open from disk',
    },
    { name: 'pack', description: 'Make a folder of a trained model to hand on, with a model card' },
    { name: 'push', description: 'Push a packed model to the Hugging Face hub, or a mirror of it' },
    { name: 'check', description: 'Tell what is in a corpus and what is wrong with it' },
    { name: 'convert', description: 'Write a corpus in the format of another tool' },
    { name: 'fetch', description: 'Fetch a pretrained model from a hub, a package registry or a folder' },
    {
      name: 'setup',
      description: 'Build the native engine: needs Python, a C++ compiler and make (Linux)',
    },
    { name: 'doctor', description: "Tell which engines work here, why the others don't, and their speed" },
  ],
  load: (name) => import(`./${name}.js`) as Promise<{ command: CommandModule }>,
};
