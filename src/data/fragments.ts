import type { CodePoints } from './codepoints.js';
import { isWhiteSpace } from './whiteSpace.js';

/** Offsets in code points; `end` is exclusive. */
export interface Fragment {
  start: number;
  end: number;
}

/**
 * Whether nothing but white space is between fragments: then they are one span, which is how brat writes a
 * span over a line end. In order of their starts.
 */
export function areOneSpan(fragments: readonly Fragment[], points: CodePoints): boolean {
  return fragments.every(({ start }, i) => {
    const before = fragments[i - 1];
    return !before || (before.end <= start && isWhiteSpace(points.slice(before.end, start)));
  });
}

/** The parts of a span on its lines, without the white space at line ends: brat opens no span that holds one. */
export function fragmentsOf({ start, end }: Fragment, points: CodePoints): Fragment[] {
  const lines = points.slice(start, end).split(/(\r\n|\r|\n)/);
  let at = start;
  const fragments = lines.flatMap((line, i): Fragment[] => {
    const from = at;
    at += [...line].length;
    const before = i === 0 ? 0 : line.length - line.trimStart().length; // white space is in one unit
    const after = i === lines.length - 1 ? 0 : line.length - line.trimEnd().length;
    return isWhiteSpace(line) ? [] : [{ start: from + before, end: at - after }];
  });
  return fragments.length === 0 ? [{ start, end }] : fragments;
}
