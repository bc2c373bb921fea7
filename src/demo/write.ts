import path from 'node:path';
import type { Tasks } from '../data/corpus.js';
import { writeCorpus } from '../data/write.js';
import { writeAtomically } from '../files/write.js';
import { formatCodes } from '../data/norm.js';
import { writeSplit } from '../data/split.js';
import type { DemoCorpus } from './generate.js';

/** The tasks of the demo corpus, as its config has them. */
export const demoTasks: Tasks = {
  ner: { folder: 'task1', labels: ['PROFESION', 'SITUACION_LABORAL', 'ACTIVIDAD'] },
  class: { folder: 'task2', labels: ['PACIENTE', 'FAMILIAR', 'SANITARIO', 'OTROS'] },
};

/** Where a demo corpus is. */
export interface DemoFiles {
  /** The folder with `task1/`, `task2/` and `norm.tsv`: `data.corpus`. */
  corpus: string;
  /** The table of valid codes: `data.codes`. */
  codes: string;
  /** Which documents train and which validate: `data.split`. */
  split: string;
}

/**
 * Writes a demo corpus as the real one is laid out: `corpus/` with `task1/`, `task2/` and `norm.tsv`,
 * beside it the valid codes and the split. Returns the paths for a config.
 */
export async function writeDemoCorpus(folder: string, demo: DemoCorpus): Promise<DemoFiles> {
  const files: DemoFiles = {
    corpus: path.join(folder, 'corpus'),
    codes: path.join(folder, 'valid-codes.tsv'),
    split: path.join(folder, 'split.json'),
  };
  await writeCorpus(files.corpus, demo.documents, demoTasks);
  await writeAtomically(files.codes, formatCodes(demo.codes));
  await writeSplit(files.split, demo.split);
  return files;
}
