import { readFile, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Config } from '../config/schema.js';
import { writeAtomically } from '../files/write.js';
import { UsageError } from '../errors.js';
import { generateCorpus } from '../demo/generate.js';
import { writeDemoCorpus } from '../demo/write.js';

/** Says that a folder was made by the demo, so that the next demo may replace it. */
const MARK = 'demo.json';

/**
 * Makes the demo's corpus in `folder`, in place of an earlier demo's, and returns the config completed with
 * its paths. @throws UsageError for a folder that holds anything else
 */
export async function makeDemo(folder: string, documents: number, config: Config): Promise<Config> {
  if (!(await isFree(folder)))
    throw new UsageError(`${folder} holds something that is no demo: choose another --out`);
  await rm(folder, { recursive: true, force: true });
  await writeAtomically(join(folder, MARK), `${JSON.stringify({ documents, seed: config.seed })}\n`);
  const corpus = generateCorpus({ seed: config.seed, documents });
  const { corpus: path, codes, split } = await writeDemoCorpus(folder, corpus);
  return { ...config, data: { ...config.data, corpus: path, norm: null, codes, split } };
}

/** Whether there is nothing, or what a demo has made. */
async function isFree(folder: string): Promise<boolean> {
  const files: string[] = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error; // a file of this name, say: it is not the demo's to remove
  });
  if (files.length === 0) return true;
  const mark = await readFile(join(folder, MARK), 'utf8').catch(() => '');
  return /^\{"documents":\d+,"seed":\d+\}\n$/.test(mark);
}
