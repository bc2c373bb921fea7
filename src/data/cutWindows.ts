import { sentencesOf } from './sentences.js';
import type { Encoded } from './tokenizers/tokenizer.js';
import { specials, windowsOf, type WindowConfig, type WindowRange } from './windows.js';

/** Cuts a document into windows that hold every piece, as a config says; none where there are no pieces. */
export function windowsIn(document: { text: string; encoded: Encoded }, config: WindowConfig): WindowRange[] {
  const { windowContext } = config;
  if (windowContext === undefined || windowContext === null)
    return windowsOf(document.encoded.ids.length, config);
  return sentenceWindows(document, config.windowPieces - specials, windowContext);
}

/**
 * Cuts a document into windows of whole sentences with `context` pieces on both sides that are read and not scored: every
 * piece is scored in one window. As many sentences go into a window as it has room for; one that is too long for a window
 * is cut between words, or within a word that is. Only at the ends of the document there is less context.
 * @param content pieces of a window without the special ones; more than twice `context`
 */
function sentenceWindows(
  { text, encoded }: { text: string; encoded: Encoded },
  content: number,
  context: number,
): WindowRange[] {
  const pieces = encoded.ids.length;
  const isSentence = sentenceStarts(text, encoded);
  const around = (start: number, end: number): WindowRange => ({
    start: Math.max(0, start - context),
    end: Math.min(pieces, end + context),
    scored: { start, end },
  });
  const fits = (start: number, end: number) => {
    const window = around(start, end);
    return window.end - window.start <= content;
  };
  const windows: WindowRange[] = [];
  for (let start = 0; start < pieces; start = windows.at(-1)!.scored!.end) {
    let most = start + 1;
    while (most < pieces && fits(start, most + 1)) most++;
    const last = (isBoundary: (piece: number) => boolean) => {
      for (let end = most; end > start; end--) if (end === pieces || isBoundary(end)) return end;
      return undefined;
    };
    const end =
      last((piece) => isSentence[piece] === 1) ?? last((piece) => startsWord(encoded, piece)) ?? most;
    windows.push(around(start, end));
  }
  return windows;
}

/** [pieces]: 1 for the first piece of a sentence, where a word begins. */
function sentenceStarts(text: string, encoded: Encoded): Uint8Array {
  const starts = new Uint8Array(encoded.ids.length);
  let piece = 0;
  for (const sentence of sentencesOf(text, [])) {
    while (piece < starts.length && begins(encoded, piece) < sentence.start) piece++;
    if (piece < starts.length && startsWord(encoded, piece)) starts[piece] = 1;
  }
  return starts;
}

/** Where a piece begins without the white space that it has taken along; -1 for one that is of no word. */
function begins({ starts, words, wordStarts }: Encoded, piece: number): number {
  const word = words[piece]!;
  return word < 0 ? -1 : Math.max(starts[piece]!, wordStarts[word]!);
}

/** Whether no word reaches over from the piece before. */
export function startsWord({ words, lastWords }: Encoded, piece: number): boolean {
  return piece === 0 || (words[piece]! >= 0 && words[piece] !== lastWords[piece - 1]);
}
