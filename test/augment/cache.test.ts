import { describe, expect, test } from '@jest/globals';
import { createContext } from '../../src/context.js';
import { appendFileSync, readFileSync, readdirSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { scoreCached, type ScoreSource } from '../../src/augment/cache.js';
import type { SpanScore } from '../../src/augment/likelihood.js';
import type { SpanRequest } from '../../src/augment/excerpt.js';
import { marked } from '../../src/augment/marked.js';
import { leaveLock } from '../support/deadLock.js';
import { temporaryFolders } from '../support/temporaryFolder.js';

const temporaryFolder = temporaryFolders();
const source: ScoreSource = { weights: 'abc', method: 'pseudo', window: 3, scored: 'both' };
const requests = ['le gusta [correr]', 'le gusta [la caza]', '[le gusta] correr', 'le gusta [correr]'].map(
  marked,
);

/** Scores by the number of characters, backwards; tells how often it was opened and what it was asked. */
function fakeScorer() {
  const calls = { opened: 0, disposed: 0, asked: [] as string[] };
  const scoreOf = ({ text, start, end }: SpanRequest) => -text.slice(start, end).length / 3;
  return {
    calls,
    open: () => {
      calls.opened++;
      return Promise.resolve({
        async *score(some: readonly SpanRequest[]) {
          for (const [index, request] of [...some.entries()].reverse()) {
            calls.asked.push(request.text.slice(request.start, request.end));
            yield await Promise.resolve({ index, score: scoreOf(request), pieces: 1 });
          }
        },
        dispose: () => void calls.disposed++,
      });
    },
  };
}

async function scoresOf(scores: AsyncIterable<SpanScore>): Promise<number[]> {
  const byIndex: number[] = [];
  for await (const { index, score } of scores) byIndex[index] = score;
  return byIndex;
}

const expected = [-2, -7 / 3, -8 / 3, -2];

describe('cached scores', () => {
  test('are computed once, the same sentence and span too', async () => {
    const [folder, scorer] = [temporaryFolder(), fakeScorer()];
    expect(await scoresOf(scoreCached(folder, source, requests, scorer.open, createContext()))).toEqual(
      expected,
    );
    expect(scorer.calls).toEqual({ opened: 1, disposed: 1, asked: ['le gusta', 'la caza', 'correr'] });
  });

  test('cost no model the second time', async () => {
    const folder = temporaryFolder();
    await scoresOf(scoreCached(folder, source, requests, fakeScorer().open, createContext()));
    const files = readdirSync(folder);
    leaveLock(join(folder, `${files[0]}.lock`)); // of one that was killed when it had computed all
    const fail = () => Promise.reject(new Error('the model was opened'));
    expect(
      await scoresOf(scoreCached(folder, source, [...requests].reverse(), fail, createContext())),
    ).toEqual([...expected].reverse());
    expect(readdirSync(folder)).toEqual(files);
  });

  test('are computed only where they are missing', async () => {
    const [folder, scorer] = [temporaryFolder(), fakeScorer()];
    await scoresOf(scoreCached(folder, source, requests.slice(1, 2), fakeScorer().open, createContext()));
    expect(await scoresOf(scoreCached(folder, source, requests, scorer.open, createContext()))).toEqual(
      expected,
    );
    expect(scorer.calls.asked).toEqual(['le gusta', 'correr']);
  });

  test('are kept apart by weights, method, window and what is scored', async () => {
    const folder = temporaryFolder();
    const sources: ScoreSource[] = [
      source,
      { ...source, weights: 'def' },
      { ...source, method: 'onePass' },
      { ...source, window: Infinity },
      { ...source, scored: 'window' },
    ];
    for (const each of sources) {
      const scorer = fakeScorer();
      await scoresOf(scoreCached(folder, each, requests, scorer.open, createContext()));
      expect(scorer.calls.opened).toBe(1);
    }
    expect(readdirSync(folder).sort()).toEqual([
      'likelihood-abc-onePass-both-3.jsonl',
      'likelihood-abc-pseudo-both-3.jsonl',
      'likelihood-abc-pseudo-both-all.jsonl',
      'likelihood-abc-pseudo-window-3.jsonl',
      'likelihood-def-pseudo-both-3.jsonl',
    ]);
  });

  test('survive a last line that was torn', async () => {
    const folder = temporaryFolder();
    await scoresOf(scoreCached(folder, source, requests, fakeScorer().open, createContext()));
    const file = join(folder, 'likelihood-abc-pseudo-both-3.jsonl');
    truncateSync(file, readFileSync(file).length - 5);
    const scorer = fakeScorer();
    expect(await scoresOf(scoreCached(folder, source, requests, scorer.open, createContext()))).toEqual(
      expected,
    );
    expect(scorer.calls.asked).toEqual(['correr']); // the last that was written
    const again = fakeScorer();
    expect(await scoresOf(scoreCached(folder, source, requests, again.open, createContext()))).toEqual(
      expected,
    );
    expect(again.calls.opened).toBe(0);
  });

  test('pass over lines that are none', async () => {
    const folder = temporaryFolder();
    const file = join(folder, 'likelihood-abc-pseudo-both-3.jsonl');
    writeFileSync(file, 'null\n{"key":1}\n[]\n\nx\n');
    expect(await scoresOf(scoreCached(folder, source, requests, fakeScorer().open, createContext()))).toEqual(
      expected,
    );
    appendFileSync(file, '{"key"');
    expect(await scoresOf(scoreCached(folder, source, requests, fakeScorer().open, createContext()))).toEqual(
      expected,
    );
  });

  test('are kept, and the scorer disposed of, where it is given up halfway', async () => {
    const [folder, scorer] = [temporaryFolder(), fakeScorer()];
    for await (const score of scoreCached(folder, source, requests, scorer.open, createContext())) {
      expect(score.index).toBe(2);
      break;
    }
    expect(scorer.calls.disposed).toBe(1);
    const later = fakeScorer();
    await scoresOf(scoreCached(folder, source, requests, later.open, createContext()));
    expect(later.calls.asked).toEqual(['la caza', 'correr']);
  });
});
