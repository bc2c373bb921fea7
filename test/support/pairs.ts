import { outputsOf, type Output } from '../../src/data/labels.js';
import { spansHead } from '../../src/model/heads/spans.js';
import type { Head } from '../../src/model/heads/head.js';
import { fixtureJson, fixtureTensors } from './fixtures.js';
import { encodedWords, wordSpan } from './words.js';

/** The head of these tasks on features of this width. */
export function headFor(
  labels: Record<string, string[]>,
  {
    width = 4,
    longest = 16,
    size = 4,
    agree = false,
    joint = false,
  }: { width?: number; longest?: number; size?: number; agree?: boolean; joint?: boolean } = {},
): Head {
  return spansHead(outputsFor(labels, joint), width, { longest, size, agree });
}

export function outputsFor(labels: Record<string, string[]>, joint = false): Output[] {
  const tasks = Object.fromEntries(Object.entries(labels).map(([task, list]) => [task, { labels: list }]));
  return outputsOf(tasks, 'BIO', joint ? 'joint' : 'perTask');
}

/** The case of test/fixtures/spans. */
export async function spansFixture() {
  const { seq, size, longest, words, windows, averagedOver, labels, spans } = fixtureJson(
    'spans/spans.json',
  ) as {
    seq: number;
    size: number;
    longest: number;
    words: number[];
    windows: [number, number][];
    averagedOver: number;
    labels: Record<string, string[]>;
    spans: Record<string, [string, number, number][]>;
  };
  const head = headFor(labels, { width: 6, longest, size });
  const encoded = encodedWords(words);
  const ofTasks = Object.entries(spans).map(([task, list]) => [task, list.map((span) => wordSpan(...span))]);
  const targets = head.targetsOf(Object.fromEntries(ofTasks), encoded);
  const ranges = windows.map(([start, end]) => ({ start, end }));
  return {
    head,
    encoded,
    seq,
    longest,
    averagedOver,
    ranges,
    labels,
    batchTargets: head.batchTargets(
      ranges.map((range) => ({ ...range, encoded, targets })),
      seq,
    ),
    tensors: await fixtureTensors('spans/spans.safetensors'),
  };
}
