import { describe, expect, test } from '@jest/globals';
import { outputsOf, type Output, type Scheme } from '../../../src/data/labels.js';
import { latticeOf } from '../../../src/model/heads/crf/lattice.js';
import { likelyRuns, runProbabilities } from '../../../src/model/heads/crf/marginals.js';
import { possibleMoves, runsOf } from '../../../src/model/heads/crf/tags.js';
import { allPaths, chainHead, logSum } from '../../support/chains.js';
import { decoding } from '../../support/decoding.js';
import { randomNumbers } from '../../support/tensors.js';
import { encodedWords } from '../../support/words.js';

/** A chain of random numbers over a text of `units` units. */
function chain(output: Output, units: number, seed: number) {
  const tags = output.channels.length + 1;
  return {
    emissions: randomNumbers(units * tags, seed).map((x) => 3 * x),
    moves: randomNumbers((tags + 2) * tags, seed + 1000).map((x) => 3 * x),
    possible: possibleMoves(output),
  };
}

/** By task, label and units: the share that paths with this span have in all, each path written out. */
function sharesOfSpans(output: Output, given: ReturnType<typeof chain>, units: number): Map<string, number> {
  const rows = Array.from({ length: units }, (_, unit) => unit);
  const tags = output.channels.length + 1;
  const paths = allPaths({ ...given, tags, units: rows, begins: true, ends: true });
  const total = logSum(paths.map(({ score }) => score));
  const shares = new Map<string, number>();
  for (const { path, score } of paths)
    for (const { first, last, labels } of runsOf(output, path))
      for (const [task, label] of Object.entries(labels)) {
        const key = `${task} ${label} ${first}-${last}`;
        shares.set(key, (shares.get(key) ?? 0) + Math.exp(score - total));
      }
  return shares;
}

const perTask = (scheme: Scheme) => outputsOf({ ner: { labels: ['A', 'B'] } }, scheme, 'perTask')[0]!;
const joint = (scheme: Scheme) =>
  outputsOf({ ner: { labels: ['A', 'B'] }, class: { labels: ['X', 'Y'] } }, scheme, 'joint')[0]!;

describe('the probability of a span of a chain', () => {
  test.each([
    ['IO', 'perTask', perTask('IO'), 5],
    ['BIO', 'perTask', perTask('BIO'), 5],
    ['BIOU', 'perTask', perTask('BIOU'), 5],
    ['IO', 'joint', joint('IO'), 4],
    ['BIO', 'joint', joint('BIO'), 3],
  ] as const)('is the share of the paths that have it, with %s and outputs %s', (_, __, output, units) => {
    for (const seed of [1, 2, 3]) {
      const given = chain(output, units, seed);
      const probability = runProbabilities(
        output,
        latticeOf(given, given.possible, output.channels.length + 1),
      );
      const shares = sharesOfSpans(output, given, units);
      expect(shares.size).toBeGreaterThan(10);
      for (const [key, share] of shares) {
        const [, task, label, first, last] = /^(\w+) (\w+) (\d+)-(\d+)$/.exec(key)!;
        const { labels } = output.channels.find(({ labels }) => labels[task!] === label)!;
        expect(probability({ first: Number(first), last: Number(last), labels })[task!]).toBeCloseTo(
          share,
          9,
        );
      }
    }
  });

  test.each([700, 740, 744, 800])('is the same where products of numbers all but vanish (e^-%i)', (far) => {
    const output = outputsOf({ ner: { labels: ['A'] } }, 'BIO', 'perTask')[0]!;
    const emissions = Float32Array.of(0, -far, 0, 0, 0, far + 1); // O or B, then O or I
    const given = { emissions, moves: new Float32Array(5 * 3), possible: possibleMoves(output) };
    const share = sharesOfSpans(output, given, 2).get('ner A 0-1')!;
    expect(share).toBeCloseTo(0.576, 3);
    const probability = runProbabilities(
      output,
      latticeOf(given, given.possible, output.channels.length + 1),
    );
    expect(probability({ first: 0, last: 1, labels: { ner: 'A' } }).ner).toBeCloseTo(share, 9);
  });

  test.each([
    ['IO', 'perTask', perTask('IO')],
    ['BIO', 'perTask', perTask('BIO')],
    ['BIOU', 'perTask', perTask('BIOU')],
    ['BIO', 'joint', joint('BIO')],
  ] as const)(
    'tells the spans that reach a threshold from all others, with %s and outputs %s',
    (_, __, output) => {
      for (const [seed, least] of [0.01, 0.1, 0.3, 0.5].entries()) {
        const given = chain(output, 4, 40 + seed);
        const shares = [...sharesOfSpans(output, given, 4)].filter(([, share]) => share >= least);
        const runs = likelyRuns(output, latticeOf(given, given.possible, output.channels.length + 1), least);
        const found = Object.entries(runs).flatMap(([task, ofTask]) =>
          ofTask.map(({ label, first, last, probability }) => {
            return [`${task} ${label} ${first}-${last}`, Number(probability.toFixed(9))] as const;
          }),
        );
        expect(new Map(found)).toEqual(
          new Map(shares.map(([key, share]) => [key, Number(share.toFixed(9))])),
        );
        expect(found).toHaveLength(shares.length);
      }
    },
  );

  test('is the score of what the head finds, and of its candidates', () => {
    const head = chainHead({ ner: ['A', 'B'] });
    const given = chain(head.outputs[0]!, 6, 4);
    const scores = [Float32Array.from([...given.emissions, ...given.moves])];
    const words = encodedWords([0, 1, 2, 3, 4, 5]);
    const { ner } = head.decode(scores, words, decoding);
    const shares = sharesOfSpans(head.outputs[0]!, given, 6);
    expect(ner!.length).toBeGreaterThan(0);
    for (const { label, start, end, score } of ner!)
      expect(score).toBeCloseTo(shares.get(`ner ${label} ${start / 10}-${(end - 9) / 10}`)!, 9);
    expect(head.candidates(scores, words, 0.01, decoding).ner).toEqual(
      ner!.map((span) => ({ ...span, above: -1, upTo: span.score })),
    );
  });
});
