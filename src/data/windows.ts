import type { Config } from '../config/schema.js';

export type WindowConfig = Pick<Config['data'], 'windowPieces' | 'windowStride'> &
  Partial<Pick<Config['data'], 'windowContext'>>;

/** Pieces start … end - 1 of a document. */
export interface PieceRange {
  start: number;
  end: number;
}

/** Pieces of a document that are read at once. */
export interface WindowRange extends PieceRange {
  /** Those that are scored, in training and prediction, where the others are only read; undefined: all. */
  scored?: PieceRange;
}

/** Windows by length, so that batches hold windows of like length. */
export function byLength<T extends PieceRange>(windows: readonly T[]): T[] {
  return [...windows].sort((a, b) => a.end - a.start - (b.end - b.start));
}

export const scoredOf = (window: WindowRange): PieceRange => window.scored ?? window;

/** [CLS] and [SEP] take two places of every window. */
export const specials = 2;

/**
 * Cuts a document into overlapping windows that hold every piece; none where there are no pieces. The last
 * one ends with the document and is moved back to be full where the document is long enough. A stride longer
 * than a window counts as one window.
 */
export function windowsOf(pieceCount: number, { windowPieces, windowStride }: WindowConfig): PieceRange[] {
  const content = windowPieces - specials;
  const stride = Math.min(windowStride, content);
  const windows: PieceRange[] = [];
  for (let start = 0; start + content < pieceCount; start += stride) {
    windows.push({ start, end: start + content });
  }
  if (pieceCount > 0) windows.push({ start: Math.max(0, pieceCount - content), end: pieceCount });
  return windows;
}

/**
 * For each piece the window that scores it, and of several the one in which it has most context: the smaller of the numbers of pieces before and
 * after it is largest. The ends of the document count as no limit; in a tie the earlier window decides.
 * @returns [pieces] indices into `windows`, -1 for a piece that is in none
 */
export function bestWindow(windows: readonly WindowRange[], pieceCount: number): Int32Array {
  const best = new Int32Array(pieceCount).fill(-1);
  const most = new Float64Array(pieceCount).fill(-1);
  for (const [index, window] of windows.entries()) {
    const { start, end } = window;
    const scored = scoredOf(window);
    for (let piece = scored.start; piece < scored.end; piece++) {
      const before = start === 0 ? Infinity : piece - start;
      const after = end === pieceCount ? Infinity : end - 1 - piece;
      const context = Math.min(before, after);
      if (context > most[piece]!) {
        most[piece] = context;
        best[piece] = index;
      }
    }
  }
  return best;
}
