import { codePoints } from './codepoints.js';
import type { Span } from './document.js';

/**
 * Why the offsets of a span may be wrong: the other ways of counting that tools are known for are tried.
 * A sentence that begins with a space, or nothing where none of them explains it.
 */
export function explainOffsets(text: string, { start, end }: Span, written: string): string {
  const { length } = codePoints(text);
  const way = otherWays(text).find(
    (counted) => counted.length !== length && end <= counted.length && counted.slice(start, end) === written,
  );
  return way ? ` The offsets ${way.mistake}.` : '';
}

interface Counting {
  length: number;
  slice(start: number, end: number): string;
  mistake: string;
}

function otherWays(text: string): Counting[] {
  const bytes = Buffer.from(text);
  return [
    {
      ...codePoints(text.replace(/^\ufeff/, '')),
      mistake: 'leave out the byte order mark at the start of the text; they must count it',
    },
    {
      ...codePoints(text.replace(/\r\n/g, '\n')),
      mistake: 'count a line end CR LF as one character; they must count both',
    },
    {
      length: text.length,
      slice: (start, end) => text.slice(start, end),
      mistake: 'count UTF-16 units; they must count code points',
    },
    {
      length: bytes.length,
      slice: (start, end) => bytes.subarray(start, end).toString(),
      mistake: 'count bytes; they must count code points',
    },
  ];
}
