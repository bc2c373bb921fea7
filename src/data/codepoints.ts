/** A text addressed by Unicode code points, as brat does, where JavaScript counts UTF-16 units. */
export interface CodePoints {
  /** Number of code points. */
  length: number;
  slice(start: number, end: number): string;
  toUtf16(codePoint: number): number;
  /** The code point that holds the UTF-16 unit `index`. */
  fromUtf16(index: number): number;
}

/** Maps offsets of a text: at once where it has no characters beyond U+FFFF, else by binary search. */
export function codePoints(text: string): CodePoints {
  const pairs = surrogatePairs(text);
  if (pairs.length === 0)
    return {
      length: text.length,
      slice: (start, end) => text.slice(start, end),
      toUtf16: (codePoint) => codePoint,
      fromUtf16: (index) => index,
    };
  // The k-th pair begins at UTF-16 unit pairs[k], which is code point pairs[k] - k.
  const toUtf16 = (codePoint: number) =>
    codePoint + firstIndex(pairs.length, (k) => pairs[k]! - k >= codePoint);
  return {
    length: text.length - pairs.length,
    slice: (start, end) => text.slice(toUtf16(start), toUtf16(end)),
    toUtf16,
    fromUtf16: (index) => index - firstIndex(pairs.length, (k) => pairs[k]! >= index),
  };
}

/** UTF-16 indices at which a surrogate pair begins; lone surrogates count as a code point of their own. */
function surrogatePairs(text: string): number[] {
  const pairs: number[] = [];
  for (const match of text.matchAll(/[\ud800-\udbff][\udc00-\udfff]/g)) pairs.push(match.index);
  return pairs;
}

/** The least k in [0, length] from which on `holds` is true. */
function firstIndex(length: number, holds: (k: number) => boolean): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}
