import type { Config } from '../config/schema.js';
import { createContext, type Context } from '../context.js';
import { readCorpus } from '../data/corpus.js';
import { corpusFacts, type CorpusFacts } from '../data/facts.js';
import type { Fault } from '../data/fault.js';
import { openTokenizer, openTokenizerFile } from '../data/tokenizers/open.js';
import type { Encoded, Tokenizer } from '../data/tokenizers/tokenizer.js';
import { specialPieces } from '../data/tokenizers/vocabulary.js';
import { wordPieceTokenizer } from '../data/tokenizers/wordPiece.js';
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
  /** Of the texts under a tokenizer; null where none was given. */
  pieces: PieceFacts | null;
}

export interface PieceFacts {
  /** The file of the tokenizer. */
  vocabulary: string;
  words: number;
  pieces: number;
  piecesPerWord: number;
  /** Pieces over two words or more, which have the labels of all of them. */
  acrossWords: number;
  /** Pieces for what the vocabulary does not have. */
  unknown: number;
  /** Pieces of the longest document. */
  longest: number;
}

/**
 * Reads a corpus, going on after errors, and looks it over.
 * @throws InputError for a folder without documents, a table or a tokenizer that cannot be read
 */
export async function checkCorpus(
  folder: string,
  { tasks, data, encoder, decoding }: Pick<Config, 'tasks' | 'data' | 'encoder' | 'decoding'>,
  source: TokenizerSource = {},
  context: Context = createContext(),
): Promise<CorpusCheck> {
  const given = await tokenizerOf(source, encoder.lowercase);
  const tokenizer = given ?? wordPieceTokenizer(specialPieces, { lowercase: encoder.lowercase ?? false }); // a word, an unknown piece
  const corpus = await readCorpus(folder, tasks, { ...data, tolerant: true });
  const { documents, faults, hash } = corpus;
  const encoded = await tokenizer.encodeBatch(documents.map(({ text }) => text));
  return {
    folder,
    hash,
    errors: faults.filter(({ severity }) => severity === 'error').length,
    faults,
    facts: corpusFacts(corpus, tasks),
    ceilings: await encodingCeilings(documents, encoded, tasks, decoding, context),
    pieces: given && pieceFacts(encoded, given),
  };
}

/** Which tokenizer to look at the texts with; none: there are no counts of pieces, the rest needs none. */
export interface TokenizerSource {
  /** The folder of an encoder. */
  encoder?: string;
  /** A vocab.txt or tokenizer.json, instead of the folder's own where both are given. */
  vocabulary?: string;
}

async function tokenizerOf(
  { encoder, vocabulary }: TokenizerSource,
  lowercase: boolean | null,
): Promise<Tokenizer | null> {
  if (encoder !== undefined) return openTokenizer(encoder, { vocabulary, lowercase });
  return vocabulary === undefined ? null : openTokenizerFile(vocabulary, { lowercase });
}

function pieceFacts(encoded: Encoded[], tokenizer: Tokenizer): PieceFacts {
  const sum = (count: (one: Encoded) => number) => encoded.reduce((total, one) => total + count(one), 0);
  const words = sum(({ wordStarts }) => wordStarts.length);
  const pieces = sum(({ ids }) => ids.length);
  return {
    vocabulary: tokenizer.file,
    words,
    pieces,
    piecesPerWord: words === 0 ? 0 : pieces / words,
    acrossWords: sum((one) => one.words.filter((first, i) => first < one.lastWords[i]!).length),
    unknown: sum(({ ids }) => ids.filter((id) => id === tokenizer.unknown).length),
    longest: encoded.reduce((most, { ids }) => Math.max(most, ids.length), 0),
  };
}
