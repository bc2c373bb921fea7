import { generateCorpus } from '../demo/generate.js';
import { checkOptions } from '../config/given.js';
import { writeDemoCorpus, type DemoFiles } from '../demo/write.js';

/** What is invented. */
export interface DemoCorpusOptions {
  /** How many documents, at least 2; 400 by default. */
  documents?: number;
  /** 1 by default. */
  seed?: number;
}

/**
 * Invents a corpus of clinical notes in Spanish, with spans and codes for all three tracks, and writes it: to try things
 * out without data. Like seeds give like corpora. Returns where its parts are, for a config's `data`.
 * @param folder made where it is not there; files of the same names are replaced
 * @param options what is invented
 * @throws UsageError for fewer than 2 documents, and numbers that are not whole; InputError where it cannot be written
 */
export async function makeDemoCorpus(folder: string, options: DemoCorpusOptions = {}): Promise<DemoFiles> {
  checkOptions(options, { documents: true, seed: true });
  const { documents = 400, seed = 1 } = options;
  return writeDemoCorpus(folder, generateCorpus({ seed, documents }));
}
