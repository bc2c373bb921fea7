import { bertPreTokenizer } from 'tokenizers';
import { InputError } from '../../errors.js';
import { normalizer } from './normalizer.js';

export const specialPieces = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', '[MASK]'] as const;
const requiredPieces = ['[PAD]', '[UNK]', '[CLS]', '[SEP]'];
const longestPiece = 12;

/**
 * The pieces of a vocab.txt: one per line, its id is the line's number from 0. Line ends are LF or CRLF, the
 * last one may be missing.
 * @throws InputError for an empty line, a piece that is there twice, a special piece that is missing.
 */
export function parseVocabulary(content: string, file: string): string[] {
  const pieces = content.replace(/^\uFEFF/, '').split(/\r?\n/);
  while (pieces.at(-1) === '') pieces.pop();
  const lines = new Map<string, number>();
  for (const [index, piece] of pieces.entries()) {
    const line = index + 1;
    if (piece === '') {
      throw new InputError(`${file}:${line}: the line is empty, but every line of a vocabulary is one piece`);
    }
    const before = lines.get(piece);
    if (before !== undefined) {
      throw new InputError(
        `${file}:${line}: ${piece} is already on line ${before}; a piece must have one line, its number is its id`,
      );
    }
    lines.set(piece, line);
  }
  const missing = requiredPieces.filter((piece) => !lines.has(piece));
  if (missing.length > 0) {
    throw new InputError(`${file}: ${missing.join(', ')} missing; give the vocab.txt of a BERT model`);
  }
  return pieces;
}

/**
 * A WordPiece vocabulary for randomly initialised models: the special pieces, every character that occurs
 * both as a start and as a `##` piece (these always, even where `size` is smaller), then the most frequent
 * words for half of what is left, then the beginnings and `##` parts of the other words that save most
 * pieces. The same texts give the same vocabulary.
 * @param size most pieces
 */
export function trainVocabulary(texts: Iterable<string>, size: number, { lowercase = false } = {}): string[] {
  const words = countWords(texts, lowercase);
  const characters = [...new Set([...words.keys()].flatMap((word) => [...word]))].sort();
  const pieces = new Set<string>([...specialPieces, ...characters, ...characters.map((one) => `##${one}`)]);

  const forWords = Math.floor((size - pieces.size) / 2);
  const whole = best(words, (word, count) => (count > 1 && word.length > 1 ? count : 0));
  for (const word of whole.slice(0, Math.max(0, forWords))) pieces.add(word);

  const parts = countParts(words, pieces);
  for (const part of best(parts, (piece, count) => count * (piece.replace(/^##/, '').length - 1))) {
    if (pieces.size >= size) break;
    pieces.add(part);
  }
  return [...pieces];
}

function countWords(texts: Iterable<string>, lowercase: boolean): Map<string, number> {
  const normal = normalizer({ lowercase });
  const splitter = bertPreTokenizer();
  const counts = new Map<string, number>();
  for (const text of texts) {
    for (const [word] of splitter.preTokenizeString(normal.normalizeString(text))) {
      counts.set(word, (counts.get(word) ?? 0) + 1);
    }
  }
  return counts;
}

function countParts(words: Map<string, number>, known: Set<string>): Map<string, number> {
  const counts = new Map<string, number>();
  for (const [word, count] of words) {
    if (known.has(word)) continue;
    const characters = [...word];
    for (let start = 0; start < characters.length; start++) {
      let part = start === 0 ? '' : '##';
      for (let end = start; end < Math.min(characters.length, start + longestPiece); end++) {
        part += characters[end];
        if (!known.has(part)) counts.set(part, (counts.get(part) ?? 0) + count);
      }
    }
  }
  return counts;
}

/** Those with a score above zero, best first; ties in the order of their characters. */
function best(counts: Map<string, number>, score: (piece: string, count: number) => number): string[] {
  return [...counts]
    .map(([piece, count]) => ({ piece, score: score(piece, count) }))
    .filter((one) => one.score > 0)
    .sort((a, b) => b.score - a.score || (a.piece < b.piece ? -1 : 1))
    .map((one) => one.piece);
}
