import { createHash } from 'node:crypto';
import { mkdir, open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ScoringOptions, SpanRequest, SpanScore, SpanScorer } from './likelihood.js';

/** Whose scores a file holds. */
export interface ScoreSource extends ScoringOptions {
  /** As `maskedLmIdentity` tells; with the engine's precision, where that is not float32. */
  weights: string;
}

/** A line of the file. */
interface CachedScore {
  key: string;
  score: number;
  pieces: number;
}

/**
 * Scores as `scoreSpans` does, but only what is not yet in the cache's file: first come the scores that are,
 * then those that are computed, and each of these is added to the file at once. A sentence that is asked for
 * several times is computed once.
 * @param openScorer called where something is left to compute, and only then
 */
export async function* scoreCached(
  folder: string,
  source: ScoreSource,
  requests: readonly SpanRequest[],
  openScorer: () => Promise<SpanScorer>,
): AsyncGenerator<SpanScore> {
  const file = cacheFile(folder, source);
  const { scores, torn } = await readCache(file);
  const missing = new Map<string, number[]>(); // key → indices of the requests
  for (const [index, request] of requests.entries()) {
    const key = keyOf(request);
    const known = scores.get(key);
    if (known) yield { index, score: known.score, pieces: known.pieces };
    else missing.set(key, [...(missing.get(key) ?? []), index]);
  }
  if (missing.size === 0) return;

  await mkdir(folder, { recursive: true });
  const scorer = await openScorer();
  try {
    const handle = await open(file, 'a');
    try {
      if (torn) await handle.appendFile('\n');
      const keys = [...missing.keys()];
      for await (const { index, score, pieces } of scorer.score(
        keys.map((key) => requests[missing.get(key)![0]!]!),
      )) {
        const key = keys[index]!;
        await handle.appendFile(`${JSON.stringify({ key, score, pieces } satisfies CachedScore)}\n`);
        for (const same of missing.get(key)!) yield { index: same, score, pieces };
      }
    } finally {
      await handle.close();
    }
  } finally {
    scorer.dispose();
  }
}

export function cacheFile(folder: string, { weights, method, window, scored }: ScoreSource): string {
  const size = window === Infinity ? 'all' : window;
  return join(folder, `likelihood-${weights}-${method}-${scored}-${size}.jsonl`);
}

/** Lines that are torn (a process was killed) are passed over; `torn`: the last one has no end. */
async function readCache(file: string): Promise<{ scores: Map<string, CachedScore>; torn: boolean }> {
  const content = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  const scores = new Map<string, CachedScore>();
  for (const line of content.split('\n')) {
    const score = parseLine(line);
    if (score) scores.set(score.key, score);
  }
  return { scores, torn: content !== '' && !content.endsWith('\n') };
}

function parseLine(line: string): CachedScore | undefined {
  try {
    const value = JSON.parse(line) as Partial<CachedScore> | null;
    const whole =
      typeof value?.key === 'string' && typeof value.score === 'number' && typeof value.pieces === 'number';
    return whole ? (value as CachedScore) : undefined;
  } catch {
    return undefined;
  }
}

function keyOf({ text, start, end }: SpanRequest): string {
  return createHash('sha256').update(`${start} ${end} ${text}`).digest('hex').slice(0, 32);
}
