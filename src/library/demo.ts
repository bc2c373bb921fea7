import { generateCorpus } from '../demo/generate.js';
import { writeDemoCorpus, type DemoFiles } from '../demo/write.js';

/**
 * Invents a corpus of clinical notes in Spanish, with spans and codes for all three tracks, and writes it: to try things
 * out without data. Like seeds give like corpora. Returns where its parts are, for a config's `data`.
 * @param folder made where it is not there; files of the same names are replaced
 * @param options.documents how many, at least 2; 400 by default
 * @param options.seed 1 by default
 */
export function makeDemoCorpus(
  folder: string,
  { documents = 400, seed = 1 }: { documents?: number; seed?: number } = {},
): Promise<DemoFiles> {
  return writeDemoCorpus(folder, generateCorpus({ seed, documents }));
}
