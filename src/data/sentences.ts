import { codePoints } from './codepoints.js';

/** A stretch of text; code points, end exclusive. */
export interface Range {
  start: number;
  end: number;
}

/**
 * The sentences of a text, without the white space around them, as Unicode divides them (UAX 29, Spanish; a
 * line break ends one). Sentences that a span straddles are one.
 */
export function sentencesOf(text: string, spans: readonly Range[]): Range[] {
  const points = codePoints(text);
  const sentences: Range[] = [];
  for (const { segment, index } of segmenter.segment(text)) {
    const start = index + (segment.length - segment.trimStart().length);
    const end = index + segment.trimEnd().length;
    if (start >= end) continue;
    const sentence = { start: points.fromUtf16(start), end: points.fromUtf16(end) };
    const previous = sentences.at(-1);
    const isCut = previous && spans.some((span) => span.start < previous.end && span.end > sentence.start);
    if (isCut) previous.end = sentence.end;
    else sentences.push(sentence);
  }
  return sentences;
}

const segmenter = new Intl.Segmenter('es', { granularity: 'sentence' });
