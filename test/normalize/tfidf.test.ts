import { describe, expect, test } from '@jest/globals';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { classScores, trainClassifier } from '../../src/normalize/classifier.js';
import { lexicalSpace } from '../../src/normalize/lexicalSpace.js';
import { fitTfidf, type SparseVector } from '../../src/normalize/tfidf.js';

/** What scikit-learn computed: scripts/fixtures/make_lexical.py. */
const fixture = JSON.parse(readFileSync(join(import.meta.dirname, '../fixtures/lexical.json'), 'utf8')) as {
  ngrams: [number, number];
  cost: number;
  training: [text: string, code: string][];
  others: string[];
  dimension: number;
  vectors: number[][];
  cosines: number[][];
  classes: string[];
  scores: number[][];
};
const texts = fixture.training.map(([text]) => text);
const tfidf = fitTfidf(texts, fixture.ngrams);

describe('TF-IDF of character n-grams', () => {
  test("knows the n-grams that scikit-learn's char_wb knows", () => {
    expect(tfidf.dimension).toBe(fixture.dimension);
  });

  test.each([...texts, ...fixture.others].map((text, i) => [text, fixture.vectors[i]!] as const))(
    'gives «%s» the values that scikit-learn gives it',
    (text, expected) => {
      const values = [...tfidf.vector(text).values].sort((a, b) => a - b);
      expect(values).toHaveLength(expected.length);
      values.forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 7));
    },
  );

  test('has its dimensions in ascending order, each once', () => {
    for (const text of texts) {
      const indices = [...tfidf.vector(text).indices];
      expect(indices).toEqual([...new Set(indices)].sort((a, b) => a - b));
    }
  });
});

describe('a lexical space', () => {
  const points = texts.map((text, concept) => ({ text, concept, source: 'mention' as const }));

  test("finds the cosines of scikit-learn's vectors", async () => {
    const found = await lexicalSpace(points, false, tfidf).similarities([...texts, ...fixture.others]);
    found.forEach((row, i) =>
      row.forEach((cosine, j) => expect(cosine).toBeCloseTo(fixture.cosines[i]![j]!, 6)),
    );
  });

  test('has one centroid for each concept, in the direction of the mean of its points', async () => {
    const two = points.slice(0, 3).map((point, i) => ({ ...point, concept: i === 2 ? 5 : 4 }));
    const space = lexicalSpace(two, true, tfidf);
    expect([...space.concepts]).toEqual([4, 4, 5, 4, 5]);
    const dense = ({ indices, values }: SparseVector) => {
      const all = new Float64Array(tfidf.dimension);
      indices.forEach((index, i) => (all[index] = values[i]!));
      return all;
    };
    const [a, b] = two.map(({ text }) => dense(tfidf.vector(text)));
    const mean = a!.map((value, i) => value + b![i]!);
    const query = dense(tfidf.vector('médica de familia'));
    const dot = query.reduce((sum, value, i) => sum + value * mean[i]!, 0);
    const cosine = dot / Math.hypot(...mean);
    const [similarities] = await space.similarities(['médica de familia']);
    expect(similarities![3]).toBeCloseTo(cosine, 6);
    expect(similarities![4]).toBeCloseTo(similarities![2]!, 6); // a mean of one
  });
});

describe('the linear classifier', () => {
  const withConstant = (text: string): SparseVector => {
    const { indices, values } = tfidf.vector(text);
    return { indices: Int32Array.of(...indices, tfidf.dimension), values: Float64Array.of(...values, 1) };
  };
  const options = {
    features: tfidf.dimension + 1,
    classes: fixture.classes.length,
    cost: fixture.cost,
    seed: 1,
  };
  const train = (passes: number, seed = 1) =>
    trainClassifier(
      fixture.training.map(([text, code]) => ({
        vector: withConstant(text),
        of: fixture.classes.indexOf(code),
      })),
      { ...options, passes, seed },
    );

  test.each(fixture.others.map((text, i) => [text, fixture.scores[i]!] as const))(
    "scores «%s» as scikit-learn's LinearSVC does",
    async (text, expected) => {
      const scores = classScores(await train(3000), withConstant(text));
      scores.forEach((score, i) => expect(score).toBeCloseTo(expected[i]!, 4));
    },
  );

  test('is the same for the same seed, and near the same for another', async () => {
    expect((await train(5)).weights).toEqual((await train(5)).weights);
    const [one, other] = [await train(2000), await train(2000, 7)];
    one.weights.forEach((weight, i) => expect(other.weights[i]).toBeCloseTo(weight, 4));
  });
});
