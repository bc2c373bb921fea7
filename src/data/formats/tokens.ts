import { codePoints, type CodePoints } from '../codepoints.js';
import type { Document, Span } from '../document.js';
import { splitWords } from '../words.js';
import { count, lostByLabel, type Counted } from './format.js';
import type { Tasks } from '../folders.js';

/** A word, or a part of one. Offsets are code points of the text. */
export interface Token {
  text: string;
  start: number;
  end: number;
}

type Range = Pick<Span, 'start' | 'end'>;

/**
 * Cuts a text into tokens, sentence by sentence: words as BERT's pre-tokenizer makes them, parted where a span begins
 * or ends inside of one. A sentence ends with its line, but not in the midst of a span. Byte order marks at the ends of a
 * token, which readers of such files take for white space, are left out.
 */
export function cutIntoTokens(text: string, spans: readonly Range[]): Token[][] {
  const points = codePoints(text);
  const { wordStarts, wordEnds } = splitWords(text);
  const edges = [...new Set(spans.flatMap(({ start, end }) => [start, end]))].sort((a, b) => a - b);
  const sentences: Token[][] = [];
  let edge = 0; // the first that is not before the word
  let last: Token | undefined;
  for (let word = 0; word < wordStarts.length; word++) {
    const [start, end] = [wordStarts[word]!, wordEnds[word]!];
    while (edge < edges.length && edges[edge]! <= start) edge++;
    const cuts = [start];
    while (edge < edges.length && edges[edge]! < end) cuts.push(edges[edge++]!);
    for (const [i, from] of cuts.entries()) {
      const token = tokenIn(points.slice(from, cuts[i + 1] ?? end), from);
      if (token.text === '') continue;
      if (!last || endsSentence(last, token.start, points, spans)) sentences.push([]);
      sentences.at(-1)!.push(token);
      last = token;
    }
  }
  return sentences;
}

/** A piece of text that begins at `start`, without byte order marks at its ends. */
function tokenIn(piece: string, start: number): Token {
  const begun = piece.replace(/^\ufeff+/, '');
  const text = begun.replace(/\ufeff+$/, '');
  const first = start + piece.length - begun.length;
  return { text, start: first, end: first + codePoints(text).length };
}

function endsSentence({ end }: Token, next: number, points: CodePoints, spans: readonly Range[]): boolean {
  if (!/[\r\n]/.test(points.slice(end, next))) return false;
  return !spans.some((span) => span.start < next && span.end > next && span.start < end);
}

/**
 * Where tokens stand in a text, which has nothing else but white space and characters that are not seen; of the
 * first token that does not come next, its number.
 */
export function findTokens(tokens: readonly string[], text: string): Token[] | number {
  const { fromUtf16 } = codePoints(text);
  const found: Token[] = [];
  let at = 0;
  for (const [number, token] of tokens.entries()) {
    const start = text.indexOf(token, at);
    if (start < 0 || !isUnseen(text.slice(at, start))) return number;
    at = start + token.length;
    found.push({ text: token, start: fromUtf16(start), end: fromUtf16(at) });
  }
  return isUnseen(text.slice(at)) ? found : tokens.length;
}

const isUnseen = (text: string) => /^[\s\p{C}]*$/u.test(text);

/** A text of tokens: with a blank between them, and a line for every sentence. */
export function joinTokens(sentences: readonly (readonly string[])[]): { text: string; tokens: Token[] } {
  const tokens: Token[] = [];
  let at = 0;
  for (const sentence of sentences)
    for (const text of sentence) {
      const end = at + codePoints(text).length;
      tokens.push({ text, start: at, end });
      at = end + 1;
    }
  return { text: sentences.map((sentence) => sentence.join(' ')).join('\n'), tokens };
}

/** The tokens that a span holds, first and last; undefined where it holds none. `tokens` are in order. */
export function tokensOf(span: Range, tokens: readonly Token[]): [number, number] | undefined {
  const first = tokens.findIndex(({ start }) => start >= span.start);
  if (first < 0) return undefined;
  let last = first - 1;
  while (last + 1 < tokens.length && tokens[last + 1]!.end <= span.end) last++;
  return last < first ? undefined : [first, last];
}

/** Spans of which one token has one label: of those that overlap, the one that begins first, or else is longer. */
export function withoutOverlap<T extends Range>(spans: readonly T[]): T[] {
  const kept: T[] = [];
  for (const span of [...spans].sort((a, b) => a.start - b.start || b.end - a.end))
    if (span.start >= (kept.at(-1)?.end ?? 0)) kept.push(span);
  return kept;
}

/** What tokens cannot hold of a document. */
export function lostInTokens(document: Document, tasks: Tasks): Counted {
  const { text, spans } = document;
  const lost = lostByLabel(document, tasks);
  const all = Object.values(spans);
  const tokens = cutIntoTokens(text, all.flat()).flat();
  for (const own of all) {
    const kept = withoutOverlap(own);
    count(lost, 'spans that overlap others of their task', own.length - kept.length);
    for (const span of kept) {
      const range = tokensOf(span, tokens);
      const isWhole = range && tokens[range[0]]!.start === span.start && tokens[range[1]]!.end === span.end;
      if (!range) count(lost, 'spans without a word', 1);
      else if (!isWhole) count(lost, 'spans with white space at their ends, which goes', 1);
    }
  }
  return lost;
}
