import type { WordOffsets } from './labels.js';

/**
 * The words that BERT's pre-tokenizer makes, without a tokenizer: white space parts words, every
 * punctuation mark is one of its own; format characters like the soft hyphen belong to the word around them.
 */
export function splitWords(text: string): WordOffsets {
  const wordStarts: number[] = [];
  const wordEnds: number[] = [];
  let codePoint = 0;
  let unit = 0;
  const advance = (to: number) => {
    for (; unit < to; codePoint++) unit += text.codePointAt(unit)! > 0xffff ? 2 : 1;
    return codePoint;
  };
  for (const match of text.matchAll(wordPattern)) {
    wordStarts.push(advance(match.index));
    wordEnds.push(advance(match.index + match[0].length));
  }
  return { wordStarts, wordEnds };
}

const mark = String.raw`\p{P}$+<=>^\x60|~`;
const letter = String.raw`[^\s\p{C}${mark}]`;
const wordPattern = new RegExp(String.raw`[${mark}]|${letter}+(?:\p{Cf}+${letter}+)*`, 'gu');
