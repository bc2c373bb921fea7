import { readFile } from 'node:fs/promises';
import { bertPreTokenizer, Tokenizer as Pipeline, WordPiece, type Encoding } from 'tokenizers';
import { InputError } from '../errors.js';
import { normalizer, parseVocabulary, specialPieces } from './vocabulary.js';

/**
 * The pieces of a text, [CLS] and [SEP] excluded. Offsets are code points into the text as it stands, end
 * exclusive. `words[i]` is the index of the word of piece i; a word is what BERT's pre-tokenizer splits
 * (at whitespace, punctuation, Chinese characters) and ends with its last piece.
 */
export interface Encoded {
  ids: Int32Array; // [pieces]
  starts: Int32Array; // [pieces]
  ends: Int32Array; // [pieces]
  words: Int32Array; // [pieces]
  wordStarts: Int32Array; // [words]
  wordEnds: Int32Array; // [words]
}

export interface Tokenizer {
  /** The piece of every id. */
  vocabulary: string[];
  size: number;
  lowercase: boolean;
  cls: number;
  sep: number;
  pad: number;
  unknown: number;
  /** -1 where the vocabulary has no [MASK]. */
  mask: number;
  encode(text: string): Promise<Encoded>;
  encodeBatch(texts: string[]): Promise<Encoded[]>;
}

const textsPerCall = 64;

/**
 * The tokenizer of a vocab.txt; pieces, ids and offsets are those of Hugging Face's fast BERT tokenizer.
 * @param lowercase also strips accents, as BERT's uncased models do
 * @throws InputError when the file cannot be read or is no vocabulary
 */
export async function loadTokenizer(file: string, { lowercase = false } = {}): Promise<Tokenizer> {
  const content = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new InputError(`${file}: the vocabulary cannot be read (${error.code}); check the path`);
  });
  return tokenizerOf(parseVocabulary(content, file), { lowercase });
}

/** The tokenizer of a vocabulary in memory: the index of a piece is its id. */
export function tokenizerOf(vocabulary: string[], { lowercase = false } = {}): Tokenizer {
  const ids = new Map(vocabulary.map((piece, id) => [piece, id]));
  const model = WordPiece.init(Object.fromEntries(ids), {
    unkToken: '[UNK]',
    continuingSubwordPrefix: '##',
    maxInputCharsPerWord: 100,
  });
  const pipeline = new Pipeline(model);
  pipeline.setNormalizer(normalizer(lowercase));
  pipeline.setPreTokenizer(bertPreTokenizer());
  pipeline.addSpecialTokens(specialPieces.filter((piece) => ids.has(piece)));

  const idOf = (piece: string) => ids.get(piece) ?? -1;
  const encodeBatch = async (texts: string[]): Promise<Encoded[]> => {
    const all: Encoded[] = [];
    for (let first = 0; first < texts.length; first += textsPerCall) {
      const some = texts.slice(first, first + textsPerCall);
      const encodings = await pipeline.encodeBatch(some, { addSpecialTokens: false });
      encodings.forEach((encoding, i) => all.push(encodedOf(encoding, lowercase ? some[i]! : null)));
    }
    return all;
  };
  return {
    vocabulary,
    size: vocabulary.length,
    lowercase,
    cls: idOf('[CLS]'),
    sep: idOf('[SEP]'),
    pad: idOf('[PAD]'),
    unknown: idOf('[UNK]'),
    mask: idOf('[MASK]'),
    encodeBatch,
    encode: async (text) => (await encodeBatch([text]))[0]!,
  };
}

/** @param stripped the text whose accents the normalizer has stripped; null where it strips none */
function encodedOf(encoding: Encoding, stripped: string | null): Encoded {
  const ids = Int32Array.from(encoding.getIds());
  const offsets = encoding.getOffsets();
  const wordIds = encoding.getWordIds();
  const starts = new Int32Array(ids.length);
  const ends = new Int32Array(ids.length);
  const words = new Int32Array(ids.length);
  const wordStarts: number[] = [];
  const wordEnds: number[] = [];
  for (let i = 0; i < ids.length; i++) {
    const [start, end] = offsets[i] as [number, number];
    starts[i] = start;
    ends[i] = end;
    if (i === 0 || wordIds[i] !== wordIds[i - 1]) wordStarts.push(start);
    words[i] = wordStarts.length - 1;
    wordEnds[words[i]!] = end;
  }
  if (stripped !== null) includeMarks(wordEnds, stripped);
  return {
    ids,
    starts,
    ends,
    words,
    wordStarts: Int32Array.from(wordStarts),
    wordEnds: Int32Array.from(wordEnds),
  };
}

/** Moves the end of a word past the combining marks that follow it and that its last piece has lost. */
function includeMarks(wordEnds: number[], text: string): void {
  if (!/\p{Mn}/u.test(text)) return;
  const characters = [...text];
  for (const [word, end] of wordEnds.entries()) {
    let after = end;
    while (after < characters.length && /\p{Mn}/u.test(characters[after]!)) after++;
    wordEnds[word] = after;
  }
}
