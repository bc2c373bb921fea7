import { readCorpus, type CorpusOptions } from '../../src/data/corpus.js';
import { InputError } from '../../src/errors.js';
import { twoTasks, writeFiles } from './corpus.js';

/** Contents by path; null: the file is not there. */
export type CorpusFiles = Record<string, string | Uint8Array | null>;

/** Reads a corpus of these files, put into a folder, strictly and tolerantly; messages have `…` for the folder. */
export async function corpusProblems(folder: string, files: CorpusFiles, options: CorpusOptions = {}) {
  const corpus = writeFiles(folder, files);
  const shorten = (text: string) => text.replaceAll(corpus, '…');
  const error: unknown = await readCorpus(corpus, twoTasks, options).catch((reason: unknown) => reason);
  const tolerant = await readCorpus(corpus, twoTasks, { ...options, tolerant: true });
  return {
    message: error instanceof InputError ? shorten(error.message) : error,
    faults: tolerant.faults.map(
      ({ severity, file, line, message }) => `${severity} ${shorten(file)}:${line ?? ''} ${shorten(message)}`,
    ),
    documents: tolerant.documents,
  };
}
