import { beforeAll, describe, expect, test } from '@jest/globals';
import * as tf from '@tensorflow/tfjs-core';
import type { Scheme } from '../../../src/data/labels.js';
import { possibleMoves, runsOf, type TaggedRun } from '../../../src/model/heads/crf/tags.js';
import { allPaths, chainHead, logSum } from '../../support/chains.js';
import { decoding } from '../../support/decoding.js';
import { describeEngines } from '../../support/engines.js';
import { expectNoLeakedTensors } from '../../support/leaks.js';
import { expectClose, randomNumbers, take } from '../../support/tensors.js';
import { encodedWords, inWords, wordSpan } from '../../support/words.js';

const labels = { ner: ['A', 'B'], class: ['X', 'Y', 'Z'] };
const units = 4;
const text = encodedWords([0, 1, 2, 3]);
const headOf = (scheme: Scheme) => chainHead(labels, { scheme, width: 6, agree: true });
const [ner, ofClass] = [0, 1];

/** By output, random emissions and moves. */
function randomScores(scheme: Scheme, seed: number): Float32Array[] {
  return headOf(scheme).outputs.map(({ channels }, i) => {
    const tags = channels.length + 1;
    return randomNumbers((units + tags + 2) * tags, 10 * seed + i).map((x) => 3 * x);
  });
}

/** Every path of the one task with every one of the other whose tags are B, I, U or O where its are, with their sum. */
function pairsOfPaths(scheme: Scheme, scores: readonly Float32Array[]) {
  const { outputs } = headOf(scheme);
  const [first, second] = outputs.map((output, i) => {
    const tags = output.channels.length + 1;
    const paths = allPaths({
      tags,
      possible: possibleMoves(output),
      begins: true,
      ends: true,
      emissions: scores[i]!.subarray(0, units * tags),
      moves: scores[i]!.subarray(units * tags),
      units: Array.from({ length: units }, (_, unit) => unit),
    });
    const letters = (path: number[]) => path.map((tag) => output.channels[tag - 1]?.tag ?? 'O').join('');
    return paths.map((one) => ({ ...one, letters: letters(one.path) }));
  }) as [Lettered[], Lettered[]];
  return first.flatMap((one) =>
    second
      .filter(({ letters }) => letters === one.letters)
      .map((other) => ({ paths: [one.path, other.path], score: one.score + other.score })),
  );
}
type Lettered = ReturnType<typeof allPaths>[number] & { letters: string };

const written = (runs: TaggedRun[], task: string) =>
  runs.map(({ first, last, labels }) => `${labels[task]} ${first}-${last}`);

describe('chains that agree', () => {
  test.each(['BIO', 'BIOU'] as const)(
    'find what the best pair of paths with the same spans has, and a score is the share of the pairs (%s)',
    (scheme) => {
      const head = headOf(scheme);
      let spans = 0;
      for (let seed = 1; seed <= 12; seed++) {
        const scores = randomScores(scheme, seed);
        const pairs = pairsOfPaths(scheme, scores);
        const best = pairs.reduce((one, other) => (other.score > one.score ? other : one));
        const spansOf = (paths: number[][], i: number) =>
          written(runsOf(head.outputs[i]!, paths[i]!), head.outputs[i]!.name);
        const found = head.decode(scores, text, decoding);
        const tasks = inWords(found);
        expect(tasks.ner).toEqual(spansOf(best.paths, ner));
        expect(tasks.class).toEqual(spansOf(best.paths, ofClass));

        const total = logSum(pairs.map(({ score }) => score));
        for (const [i, { name }] of head.outputs.entries())
          for (const [at, span] of tasks[name]!.entries()) {
            const having = pairs.filter(({ paths }) => spansOf(paths, i).includes(span));
            const share = Math.exp(logSum(having.map(({ score }) => score)) - total);
            expect(found[name]![at]!.score).toBeCloseTo(share, 5);
            spans++;
          }
      }
      expect(spans).toBeGreaterThan(20);
    },
  );

  test('find a span of both tasks where one is sure of it and the other does not mind', () => {
    const scores = headOf('BIO').outputs.map(({ channels }) => {
      const tags = channels.length + 1;
      const values = new Float32Array((units + tags + 2) * tags);
      for (let unit = 0; unit < units; unit++) values[unit * tags] = 1; // O
      return values;
    });
    scores[ner]![1 * 5 + 1] = 4; // word 1 begins an A
    scores[ofClass]![1 * 7 + 3] = 0.5; // … and rather a Y than an X, but rather O than both
    const found = headOf('BIO').decode(scores, text, decoding);
    expect(inWords(found)).toEqual({ ner: ['A 1-1'], class: ['Y 1-1'] });
    const apart = chainHead(labels).decode(scores, text, decoding);
    expect(inWords(apart)).toEqual({ ner: ['A 1-1'], class: [] });
  });

  test('are, of one output alone, what they are without agreement', () => {
    const alone = { ner: labels.ner };
    const scores = randomScores('BIO', 5).slice(0, 1);
    const found = chainHead(alone, { agree: true }).decode(scores, text, decoding);
    expect(found).toEqual(chainHead(alone).decode(scores, text, decoding));
    expect(found.ner!.length).toBeGreaterThan(0);
  });

  test('find nothing in an empty document, and nothing where no window was', () => {
    const head = headOf('BIO');
    const none = (encoded: typeof text) => head.collect(encoded, [], decoding).scores();
    const empty = encodedWords([]);
    expect(head.decode(none(empty), empty, decoding)).toEqual({ ner: [], class: [] });
    expect(head.decode(none(text), text, decoding)).toEqual({ ner: [], class: [] });
  });

  test('learn no span that only one task has, and say so', () => {
    const head = headOf('BIO');
    const spans = { ner: [wordSpan('A', 0, 0), wordSpan('B', 2, 2)], class: [wordSpan('X', 0, 0)] };
    const [, tags] = head.targetsOf(spans, text);
    expect(Array.from(tags!, (tag) => tag !== 0)).toEqual([true, false, false, false]);
    expect(head.notices!([{ name: 'a', text: '', encoded: text, spans, codes: {} } as never])).toEqual([
      'crf with scheme BIO can reach at most F1 .667 on ner: 1 of 2 spans touch another of their label or overlap one, or are none of another task',
    ]);
  });

  test("count each task's own tags", () => {
    const head = headOf('BIO');
    const scores = randomScores('BIO', 1);
    const found = head.decode(scores, text, decoding);
    const gold = { ner: [...found.ner!], class: [...found.class!] };
    const none = head.count(scores, head.targetsOf(gold, text), text);
    for (const { falsePositives, falseNegatives } of none)
      expect([...falsePositives, ...falseNegatives].every((count) => count === 0)).toBe(true);
    const other = labels.ner.find((label) => label !== gold.ner[0]!.label)!;
    gold.ner[0] = { ...gold.ner[0]!, label: other };
    const [ofNer, ofOther] = head.count(scores, head.targetsOf(gold, text), text);
    expect(ofNer!.falsePositives.some((count) => count > 0)).toBe(true);
    expect(ofOther).toEqual(none[ofClass]);
  });
});

describeEngines('the loss of chains that agree', () => {
  const head = headOf('BIO');
  const gold = {
    ner: [wordSpan('A', 0, 0), wordSpan('B', 1, 2)],
    class: [wordSpan('Z', 0, 0), wordSpan('X', 1, 2)],
  };
  const goldTags: Record<string, number[]> = { ner: [1, 3, 4, 0], class: [5, 1, 2, 0] }; // O, B-A, I-A, B-B …
  const features = randomNumbers((units + 2) * 6, 4);
  let weights: Map<string, Float32Array>;
  const emissions = (name: string, tags: number) =>
    Float32Array.from({ length: units * tags }, (_, at) => {
      const [row, tag] = [1 + Math.floor(at / tags), at % tags];
      const weight = weights.get(`heads.${name}.weight`)!;
      const bias = weights.get(`heads.${name}.bias`)![tag]!;
      return features
        .subarray(row * 6, row * 6 + 6)
        .reduce((sum, x, i) => sum + x * weight[tag * 6 + i]!, bias);
    });
  beforeAll(() => {
    weights = new Map(
      head.parameters.map(({ name, shape }, i) => [
        name,
        randomNumbers(tf.util.sizeFromShape(shape), 20 + i),
      ]),
    );
  });
  const scoresOf = () =>
    head.outputs.map(({ name, channels }) => {
      const moves = ['transitions', 'start', 'end'].flatMap((part) => [
        ...weights.get(`heads.${name}.${part}`)!,
      ]);
      return Float32Array.from([...emissions(name, channels.length + 1), ...moves]);
    });
  const step = () =>
    tf.tidy(() => {
      const targets = head
        .batchTargets(
          [{ start: 0, end: units, encoded: text, targets: head.targetsOf(gold, text) }],
          units + 2,
        )
        .map(({ values, shape }) => tf.tensor(Float32Array.from(values), shape));
      const { loss, counts } = head.step(
        {
          features: tf.tensor2d(features, [units + 2, 6]),
          batch: 1,
          seq: units + 2,
          lengths: Int32Array.of(units + 2),
          real: tf.zeros([units + 2, 1]),
          pieces: units,
          windows: 1,
          targets,
        },
        (name) => tf.tensor(weights.get(name)!, head.parameters.find((one) => one.name === name)!.shape),
      );
      return { loss: take(loss)[0]!, counts: counts.map((one) => [...take(one)]) };
    });

  test('is what the gold pair of paths is short of, in all pairs with the same spans, by piece and output', () => {
    const pairs = pairsOfPaths('BIO', scoresOf());
    const right = pairs.filter(({ paths }) =>
      head.outputs.every(
        (output, i) =>
          written(runsOf(output, paths[i]!), output.name).join() === inWords(gold)[output.name]!.join(),
      ),
    );
    expect(right).toHaveLength(1);
    const missing = logSum(pairs.map(({ score }) => score)) - right[0]!.score;
    expectClose([step().loss], [missing / units / 2], 1e-5);
  });

  test("counts the most probable tag of each task's own, over all pairs, while training", () => {
    const pairs = pairsOfPaths('BIO', scoresOf());
    const most = Math.max(...pairs.map(({ score }) => score));
    const { counts } = step();
    head.outputs.forEach(({ name, channels }, i) => {
      const expected = [0, 1, 2].map(() => channels.map(() => 0));
      for (let unit = 0; unit < units; unit++) {
        const shares = Array<number>(channels.length + 1).fill(0);
        for (const { paths, score } of pairs) shares[paths[i]![unit]!]! += Math.exp(score - most);
        const found = shares.indexOf(Math.max(...shares));
        const tag = goldTags[name]![unit]!;
        if (found > 0) expected[found === tag ? 0 : 1]![found - 1]!++;
        if (found !== tag && tag > 0) expected[2]![tag - 1]!++;
      }
      expect(counts[i]).toEqual(expected.flat());
    });
  });

  test('leaves no tensors', () => expectNoLeakedTensors(() => void step()));
});
