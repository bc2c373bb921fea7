import { readCorpus, type CorpusOptions, type Tasks } from '../../src/data/corpus.js';
import { InputError } from '../../src/errors.js';
import { writeFiles } from './corpus.js';

export const people: Tasks = { ner: { folder: '.', labels: ['PER', 'LOC'] } };

/** Reads files as a corpus of people and places; messages have `…` for their folder. */
export async function asRead(
  folder: string,
  files: Record<string, string | Uint8Array>,
  options: CorpusOptions,
) {
  const corpus = writeFiles(folder, files);
  const shorten = (text: string) => text.replaceAll(corpus, '…');
  try {
    const { documents, faults, passedOver } = await readCorpus(corpus, people, options);
    const lines = faults.map(({ message }) => shorten(message));
    const spans = documents.map(({ spans }) => spans.ner!.map(({ label, start, end }) => `${label} ${start} ${end}`)); // prettier-ignore
    return { documents, spans, faults: lines, passedOver };
  } catch (error) {
    if (error instanceof InputError) throw new InputError(shorten(error.message));
    throw error;
  }
}
