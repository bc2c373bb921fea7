import { readCorpus } from '../data/corpus.js';
import type { Document } from '../data/document.js';
import { readCodes } from '../data/norm.js';
import { scoredNames } from '../data/split.js';
import { InputError } from '../errors.js';
import type { NormEntry } from '../eval/norm.js';
import type { FinishedRun } from './finished.js';

/** What a run's predictions are held against. */
export interface Gold {
  /** The documents that are scored, in order of their names. */
  documents: Document[];
  /** Of the codes that count; every code does where there is no table. */
  validCodes?: ReadonlySet<string>;
}

/**
 * Reads the documents that a run is scored on, or those of other names, from the corpus that its config names.
 * @throws InputError for a corpus that is not there, or that has changed since the run
 */
export async function readGold(
  { folder, config, record, split }: Pick<FinishedRun, 'folder' | 'config' | 'record' | 'split'>,
  names: readonly string[] = scoredNames(split),
): Promise<Gold> {
  const { corpus, codes } = config.data;
  const { documents, hash } = await readCorpus(corpus, config.tasks, config.data).catch((error: unknown) => {
    if (!(error instanceof InputError)) throw error;
    const then = record.corpus.folder;
    throw new InputError(
      corpus === then
        ? `${folder} was trained on ${corpus}, which cannot be read: ${error.message} Say where it is now with --set data.corpus=…`
        : `data.corpus=${corpus} is not where the corpus of ${folder} is: ${error.message} When the run was trained it was ${then}.`,
      { cause: error },
    );
  });
  if (hash !== record.corpus.hash)
    throw new InputError(
      `${corpus} has changed since ${folder} was trained: restore it, or say where it is unchanged with --set data.corpus=…`,
    );
  const held = new Set(names);
  return {
    documents: documents.filter(({ name }) => held.has(name)),
    validCodes: codes === null ? undefined : new Set((await readCodes(codes)).map(({ code }) => code)),
  };
}

/** The gold rows of the third track. */
export function goldRows(documents: readonly Document[]): NormEntry[] {
  return documents.flatMap(({ name, codes }) =>
    codes.map(({ start, end, text, code }) => ({ filename: name, text, span: { start, end }, code })),
  );
}
