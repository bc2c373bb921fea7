import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { drawFolds } from '../../src/data/folds.js';
import { randomFrom } from '../../src/data/random.js';
import { configuredSplit } from '../../src/data/split.js';
import { InputError } from '../../src/errors.js';

type Group = { name: string; text: string; spans: Record<string, ReturnType<typeof span>[]> }[];
const span = (label: string) => ({ label, start: 0, end: 1 });

/** Groups of documents; of each document the labels of its spans. */
const groupsOf = (labels: string[][][]): Group[] =>
  labels.map((group, i) =>
    group.map((own, j) => ({ name: `d${i}-${j}`, text: `t${i}`, spans: { ner: own.map(span) } })),
  );

const label = fc.constantFrom('often', 'often', 'often', 'seldom', 'rare');
const corpora = fc
  .tuple(
    fc.array(fc.array(fc.array(label, { maxLength: 4 }), { minLength: 1, maxLength: 3 }), {
      minLength: 2,
      maxLength: 40,
    }),
    fc.nat(1000),
    fc.nat(1000),
  )
  .map(([labels, folds, seed]) => ({
    groups: groupsOf(labels),
    folds: 2 + (folds % (labels.length - 1)),
    seed,
  }));

/** How often a label is in each fold. */
const countsOf = (folds: string[][], groups: Group[], own: string) =>
  folds.map((names) =>
    groups
      .flat()
      .filter(({ name }) => names.includes(name))
      .reduce((sum, { spans }) => sum + spans.ner!.filter((one) => one.label === own).length, 0),
  );

describe('folds', () => {
  test('have every document once, none of them is empty, and groups stay together', () => {
    fc.assert(
      fc.property(corpora, ({ groups, folds: count, seed }) => {
        const folds = drawFolds(groups, { folds: count, seed });
        const names = groups.flat().map(({ name }) => name);
        expect(folds).toHaveLength(count);
        expect(folds.flat().sort()).toEqual(names.sort());
        for (const fold of folds) expect(fold.length).toBeGreaterThan(0);
        for (const group of groups)
          expect(folds.filter((fold) => group.some(({ name }) => fold.includes(name)))).toHaveLength(1);
      }),
    );
  });

  test('are the same for the same seed, in whatever order the groups come', () => {
    fc.assert(
      fc.property(corpora, ({ groups, folds, seed }) => {
        const shuffled = randomFrom(seed + 1).shuffle(groups);
        expect(drawFolds(shuffled, { folds, seed })).toEqual(drawFolds(groups, { folds, seed }));
      }),
    );
  });

  test('of single documents differ by one document at most', () => {
    const single = fc.array(fc.array(label, { maxLength: 4 }), { minLength: 2, maxLength: 60 });
    fc.assert(
      fc.property(single, fc.nat(1000), (labels, folds) => {
        const count = 2 + (folds % (labels.length - 1));
        const sizes = drawFolds(groupsOf(labels.map((own) => [own])), { folds: count, seed: 1 }).map(
          ({ length }) => length,
        );
        expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
      }),
    );
  });

  test('of documents with one label or none have each as often as any other, but for one', () => {
    const labels = fc.array(fc.option(label, { nil: undefined }), { minLength: 10, maxLength: 80 });
    fc.assert(
      fc.property(labels, fc.integer({ min: 2, max: 10 }), fc.nat(1000), (own, count, seed) => {
        const groups = groupsOf(own.map((one) => [one === undefined ? [] : [one]]));
        const folds = drawFolds(groups, { folds: count, seed });
        for (const one of ['often', 'seldom', 'rare']) {
          const counts = countsOf(folds, groups, one);
          expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
        }
      }),
    );
  });

  test('have the rarest label evenly, but for the document with most of it', () => {
    const rare = fc.array(fc.tuple(fc.integer({ min: 1, max: 3 }), label), { minLength: 1, maxLength: 10 });
    fc.assert(
      fc.property(rare, fc.integer({ min: 2, max: 5 }), fc.nat(1000), (mentions, folds, seed) => {
        const having = mentions.map(([count, other]) => [...Array<string>(count).fill('rare'), other]);
        const others = Array.from({ length: 60 }, () => ['often', 'seldom']);
        const groups = groupsOf([...having, ...others].map((own) => [own]));
        const counts = countsOf(drawFolds(groups, { folds, seed }), groups, 'rare');
        const most = Math.max(...having.map((own) => own.filter((one) => one === 'rare').length));
        expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(most);
      }),
    );
  });

  test('have a label that two tasks have as often in each, task by task', () => {
    const tasks = fc.array(fc.constantFrom('ner', 'class'), { minLength: 10, maxLength: 60 });
    fc.assert(
      fc.property(tasks, fc.integer({ min: 2, max: 6 }), (own, folds) => {
        const documents = own.map((task, i) => ({ name: `d${i}`, spans: { [task]: [span('same')] } }));
        const drawn = drawFolds(
          documents.map((one) => [one]),
          { folds, seed: 1 },
        );
        for (const task of ['ner', 'class']) {
          const counts = drawn.map((names) => names.filter((name) => own[Number(name.slice(1))] === task).length); // prettier-ignore
          expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
        }
      }),
    );
  });

  test('with the document that has most of a label have fewer of the others with it', () => {
    const having = [['rare', 'rare', 'rare'], ['rare'], ['rare'], ['rare']];
    const others = Array.from({ length: 8 }, () => ['often']);
    const groups = groupsOf([...having, ...others].map((own) => [own]));
    for (let seed = 1; seed <= 10; seed++)
      expect(countsOf(drawFolds(groups, { folds: 2, seed }), groups, 'rare')).toEqual([3, 3]);
  });

  test('more than there are different texts is told', () => {
    const draw = () => drawFolds(groupsOf([[[], []], [[]]]), { folds: 3, seed: 1 });
    expect(draw).toThrow(InputError);
    expect(draw).toThrow('data.folds is 3, and the corpus has 2 documents with different texts');
  });
});

describe('the split of a fold', () => {
  const documents = Array.from({ length: 40 }, (_, i) => ({
    name: `d${String(i).padStart(2, '0')}`,
    text: i % 8 === 1 ? 'one and the same text' : `${i} a text of its own ${i}`,
    spans: { ner: i % 3 === 0 ? [span('often')] : [] },
  }));
  const data = { split: null, splitSeed: null, validationShare: 0.25, folds: 4, fold: 1 };
  const splitOf = (changes: Partial<typeof data>, seed = 1) =>
    configuredSplit(documents, { seed, data: { ...data, ...changes } });

  test('has the fold as test, and trains and validates on the others', async () => {
    const splits = await Promise.all([1, 2, 3, 4].map((fold) => splitOf({ fold })));
    const names = documents.map(({ name }) => name);
    expect(splits.flatMap(({ test = [] }) => test).sort()).toEqual(names);
    for (const { training, validation, test = [] } of splits) {
      expect([...training, ...validation, ...test].sort()).toEqual(names);
      expect(validation.length).toBeGreaterThan(4); // a quarter of thirty, twins kept together
      expect(validation.length).toBeLessThan(9);
    }
  });

  test('has twins on one side', async () => {
    const twins = documents.filter(({ text }) => text.startsWith('one')).map(({ name }) => name);
    for (const fold of [1, 2, 3, 4]) {
      const { training, validation, test = [] } = await splitOf({ fold });
      const sides = [training, validation, test].filter((side) => twins.some((name) => side.includes(name)));
      expect(sides).toHaveLength(1);
    }
  });

  test('has all others to train on with a validation share of 0', async () => {
    const { training, validation, test = [] } = await splitOf({ validationShare: 0 });
    expect([training.length, validation.length]).toEqual([40 - test.length, 0]);
  });

  test('is drawn by the seed of splits where there is one', async () => {
    expect(await splitOf({}, 2)).not.toEqual(await splitOf({}, 1));
    expect(await splitOf({ splitSeed: 1 } as object, 2)).toEqual(await splitOf({}, 1));
  });
});
