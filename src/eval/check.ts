import type { Config } from '../config/schema.js';
import { readCorpus } from '../data/corpus.js';
import { corpusFacts, type CorpusFacts } from '../data/facts.js';
import type { Fault } from '../data/fault.js';
import { loadTokenizer, tokenizerOf, type Encoded, type Tokenizer } from '../data/tokenizer.js';
import { specialPieces } from '../data/vocabulary.js';
import { encodingCeilings, type Ceiling } from './ceiling.js';

/** What is in a corpus, what is wrong with it, and what a label scheme can make of it at best. */
export interface CorpusCheck {
  folder: string;
  hash: string;
  /** Number of faults that stop training on this corpus. */
  errors: number;
  faults: Fault[];
  facts: CorpusFacts;
  ceilings: Ceiling[];
  /** Of the texts under a vocabulary; null where none was given. */
  pieces: PieceFacts | null;
}

export interface PieceFacts {
  vocabulary: string;
  words: number;
  pieces: number;
  /** Pieces that the vocabulary has only [UNK] for. */
  unknown: number;
  /** Pieces of the longest document. */
  longest: number;
}

/**
 * Reads a corpus, going on after errors, and looks it over.
 * @param vocabulary a vocab.txt; without one there are no counts of pieces, the rest needs none
 * @throws InputError for a folder without documents, a table or a vocabulary that cannot be read
 */
export async function checkCorpus(
  folder: string,
  { tasks, data, encoder, decoding }: Pick<Config, 'tasks' | 'data' | 'encoder' | 'decoding'>,
  vocabulary?: string,
): Promise<CorpusCheck> {
  const lowercase = encoder.lowercase ?? false;
  const tokenizer =
    vocabulary === undefined
      ? tokenizerOf([...specialPieces], { lowercase }) // every word is one unknown piece
      : await loadTokenizer(vocabulary, { lowercase });
  const corpus = await readCorpus(folder, tasks, { norm: data.norm, tolerant: true });
  const { documents, faults, hash } = corpus;
  const encoded = await tokenizer.encodeBatch(documents.map(({ text }) => text));
  return {
    folder,
    hash,
    errors: faults.filter(({ severity }) => severity === 'error').length,
    faults,
    facts: corpusFacts(corpus, tasks),
    ceilings: encodingCeilings(documents, encoded, tasks, decoding.overlap),
    pieces: vocabulary === undefined ? null : pieceFacts(vocabulary, encoded, tokenizer),
  };
}

function pieceFacts(vocabulary: string, encoded: Encoded[], tokenizer: Tokenizer): PieceFacts {
  const sum = (count: (one: Encoded) => number) => encoded.reduce((total, one) => total + count(one), 0);
  return {
    vocabulary,
    words: sum(({ wordStarts }) => wordStarts.length),
    pieces: sum(({ ids }) => ids.length),
    unknown: sum(({ ids }) => ids.filter((id) => id === tokenizer.unknown).length),
    longest: encoded.reduce((most, { ids }) => Math.max(most, ids.length), 0),
  };
}
