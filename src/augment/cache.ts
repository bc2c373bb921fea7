import { createHash } from 'node:crypto';
import { mkdir, open as openFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { z } from 'zod';
import type { Context } from '../context.js';
import { lockWaiting } from '../files/holding.js';
import { readLines } from '../files/lines.js';
import { removeDeadLock } from '../files/lock.js';
import { removeLeftovers } from '../files/temporary.js';
import { exists } from '../files/text.js';
import { unwritable } from '../files/write.js';
import { cachedExpectation, cachedScore, cacheKey } from '../formats/augmented.js';
import type { Expectation, ExpectationSource } from './expectations.js';
import type { ScoringOptions, SpanScore, SpanScorer } from './likelihood.js';
import type { SpanRequest } from './excerpt.js';
import { groupBy } from '../data/groupBy.js';

/** Whose scores a file holds. */
export interface ScoreSource extends ScoringOptions {
  /** As `maskedLmIdentity` tells; with the engine's precision, where that is not float32. */
  weights: string;
}

/** Computes something for sentences, in any order. */
interface Computing<T> {
  compute(requests: readonly SpanRequest[]): AsyncIterable<T & { index: number }>;
  dispose(): void;
}

/** What a file of a cache holds. */
interface Cached<T> {
  /** A line: one that does not fit is as if it were not there. */
  line: z.ZodType<T>;
  /** What others who wait are told: "computing the same likelihoods". */
  doing: string;
  /** Called where something is left to compute, and only then. */
  open(): Promise<Computing<T>>;
}

const LIKELIHOODS = 'computing the same likelihoods';

/** Scores as `scoreSpans` does, as `computeCached` keeps them. */
export function scoreCached(
  folder: string,
  source: ScoreSource,
  requests: readonly SpanRequest[],
  openScorer: () => Promise<SpanScorer>,
  context: Context,
): AsyncGenerator<SpanScore> {
  const open = async () => {
    const { score, dispose } = await openScorer();
    return { compute: score, dispose };
  };
  const what = { line: cachedScore, doing: LIKELIHOODS, open };
  return computeCached(cacheFile(folder, source), requests, what, context);
}

/** Expectations as `expectationsOf` computes them, as `computeCached` keeps them. */
export function expectCached(
  folder: string,
  weights: string,
  requests: readonly SpanRequest[],
  openExpectations: () => Promise<ExpectationSource>,
  context: Context,
): AsyncGenerator<Expectation & { index: number }> {
  const file = join(folder, `expected-${weights}.jsonl`);
  const what = { line: cachedExpectation, doing: LIKELIHOODS, open: openExpectations };
  return computeCached(file, requests, what, context);
}

/**
 * What is computed for sentences, but only for those that are not yet in the cache's file: first comes what is
 * there, then what is computed, and each of these is added to the file at once. A sentence that is asked for
 * several times is computed once. One process at a time computes for a file: the others wait, and take over what
 * is there by then.
 * @param line of the file: one that does not fit is as if it were not there
 * @param open called where something is left to compute, and only then
 */
export async function* computeCached<T extends object>(
  file: string,
  requests: readonly SpanRequest[],
  { line, doing, open }: Cached<T>,
  context: Context,
): AsyncGenerator<T & { index: number }> {
  const missing = groupBy(requests.keys(), (index) => keyOf(requests[index]!)); // key → indices of the requests
  yield* takeKnown((await readCache(file, line)).values, missing);
  if (missing.size === 0) return removeDeadLock(`${file}.lock`);

  await mkdir(dirname(file), { recursive: true });
  const unlock = await lockWaiting(`${file}.lock`, doing, context);
  try {
    await removeLeftovers(dirname(file));
    const { values, torn } = await readCache(file, line);
    yield* takeKnown(values, missing);
    if (missing.size > 0) yield* computeMissing(file, torn, requests, missing, open);
  } finally {
    unlock();
  }
}

/** What a cache has of what is missing, which then is no longer. */
function* takeKnown<T extends object>(
  values: ReadonlyMap<string, T>,
  missing: Map<string, number[]>,
): Generator<T & { index: number }> {
  for (const [key, indices] of missing) {
    const known = values.get(key);
    if (!known) continue;
    missing.delete(key);
    for (const index of indices) yield { ...known, index };
  }
}

async function* computeMissing<T extends object>(
  file: string,
  torn: boolean,
  requests: readonly SpanRequest[],
  missing: ReadonlyMap<string, number[]>,
  open: () => Promise<Computing<T>>,
): AsyncGenerator<T & { index: number }> {
  const computing = await open();
  try {
    const handle = await openFile(file, 'a');
    const add = async (line: string) => {
      await handle.appendFile(line).catch((error: unknown) => {
        throw unwritable(file, error);
      });
    };
    try {
      if (torn) await add('\n');
      const keys = [...missing.keys()];
      const wanted = keys.map((key) => requests[missing.get(key)![0]!]!);
      for await (const { index, ...value } of computing.compute(wanted)) {
        const key = keys[index]!;
        await add(`${JSON.stringify({ key, ...value })}\n`);
        for (const same of missing.get(key)!) yield { ...(value as unknown as T), index: same };
      }
    } finally {
      await handle.close();
    }
  } finally {
    computing.dispose();
  }
}

function cacheFile(folder: string, { weights, method, window, scored }: ScoreSource): string {
  const size = window === Infinity ? 'all' : window;
  return join(folder, `likelihood-${weights}-${method}-${scored}-${size}.jsonl`);
}

/** Lines that are torn (a process was killed) are passed over; `torn`: the last one has no end. */
async function readCache<T extends object>(
  file: string,
  schema: z.ZodType<T>,
): Promise<{ values: Map<string, T>; torn: boolean }> {
  const values = new Map<string, T>();
  if (!(await exists(file))) return { values, torn: false };
  let torn = false;
  for await (const { text, ended } of readLines(file)) {
    const json = jsonOf(text);
    const [key, value] = [cacheKey.safeParse(json).data?.key, schema.safeParse(json).data];
    if (key !== undefined && value !== undefined) values.set(key, value);
    torn = !ended;
  }
  return { values, torn };
}

function jsonOf(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function keyOf({ text, start, end }: SpanRequest): string {
  return createHash('sha256').update(`${start} ${end} ${text}`).digest('hex').slice(0, 32);
}
