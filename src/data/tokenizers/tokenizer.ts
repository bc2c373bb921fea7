/**
 * The pieces of a text, without the special ones before and after it. Offsets are code points into the text as
 * it stands, end exclusive. Words are what BERT's pre-tokenizer splits (at white space, punctuation, Chinese
 * characters), whatever the pieces are; those that no piece overlaps are left out. A piece may overlap several
 * words («médica,» of a SentencePiece model) or none (a lone «▁»).
 */
export interface Encoded {
  ids: Int32Array; // [pieces]
  starts: Int32Array; // [pieces]
  ends: Int32Array; // [pieces]
  /** The first word that each piece overlaps, -1 where there is none. */
  words: Int32Array; // [pieces]
  /** The last word that each piece overlaps, -1 where there is none. */
  lastWords: Int32Array; // [pieces]
  wordStarts: Int32Array; // [words]
  wordEnds: Int32Array; // [words]
  /** The first piece that overlaps each word. */
  firstPieces: Int32Array; // [words]
}

/** Ids of the pieces that stand for something else than text. */
export interface SpecialIds {
  /** Of the piece before a text ([CLS], <s>). */
  cls: number;
  /** Of the piece after a text ([SEP], </s>). */
  sep: number;
  pad: number;
  /** -1 where every text has pieces. */
  unknown: number;
  /** -1 where there is none. */
  mask: number;
}

/** What cuts texts into the pieces of a vocabulary. */
export interface Tokenizer extends SpecialIds {
  /** Where it was read, for messages. */
  file: string;
  /** One more than the highest id: rows that a table must have at least. */
  size: number;
  /** Whether upper and lower case are the same to it. */
  lowercase: boolean;
  /** What its pieces and ids depend on: to be hashed. */
  identity: readonly (string | Uint8Array)[];
  encode(text: string): Promise<Encoded>;
  encodeBatch(texts: readonly string[]): Promise<Encoded[]>;
  /** Writes the files that `openTokenizer` reads into a folder. */
  save(folder: string): Promise<void>;
}
