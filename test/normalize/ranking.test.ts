import { describe, expect, test } from '@jest/globals';
import { exactLookup } from '../../src/normalize/exact.js';
import type { Knowledge, Mention } from '../../src/normalize/knowledge.js';
import { createNormalizer, type CodingOptions, type Scorers } from '../../src/normalize/normalizer.js';
import type { Space } from '../../src/normalize/space.js';
import { knowledge, normalizationSettings } from '../support/normalization.js';

/** Scores of the four concepts, whatever the mention; a mention that is a number adds it to that of the first. */
const classifier = (...scores: number[]): Scorers['classifier'] => ({
  classes: [],
  linear: { classes: 0, weights: new Float32Array() },
  scores: ({ text }) => Float64Array.from(scores, (score, i) => score + (i === 0 ? Number(text) || 0 : 0)),
});
const code = async (
  scorers: Scorers,
  settings: object = {},
  mentions: Mention[] = [{ text: 'x' }],
  options: CodingOptions = {},
) => createNormalizer(knowledge, normalizationSettings(settings), scorers).code(mentions, options);

describe('the codes of a mention', () => {
  test('are ranked by weighted scores, of equal ones the first; none has nothing for it', async () => {
    const [coding] = await code({ classifier: classifier(1, 0, 3, 1) }, { classifier: { weight: 2 } });
    expect(coding!.candidates.map((one) => [one.code, one.score])).toEqual([
      ['7112.1', 6],
      ['2211.1', 2],
      ['SCTID: 1', 2],
    ]);
    expect(coding!.candidates.map(({ label }) => label)[1]).toBe('médico generalista/médica generalista');
  });

  test('have the best one for the code where it reaches the threshold', async () => {
    const of = async (threshold: number | null) =>
      (await code({ classifier: classifier(1, 0, 3, 1) }, { classifier: { weight: 2 }, threshold }))[0]!.code;
    expect([await of(null), await of(6), await of(6.001)]).toEqual(['7112.1', '7112.1', null]);
  });

  test('begin with what is known word for word, whatever its score and the threshold', async () => {
    const scorers = { classifier: classifier(9, -2, 5, 5) };
    const [coding] = await code(scorers, { threshold: 100, classifier: { weight: 1 } }, [{ text: 'Enfermera' }]); // prettier-ignore
    expect(coding).toMatchObject({ code: '2221.1', candidates: [{ score: -2, exact: true }, { exact: false }, {}, {}] }); // prettier-ignore
  });

  test('are as many as are asked for, mention by mention in their order, however many these are', async () => {
    const mentions = Array.from({ length: 150 }, (_, i) => ({ text: String(i) }));
    const reached: number[] = [];
    const codings = await code(
      { classifier: classifier(1, 2, 3, 4) },
      { classifier: { weight: 1 } },
      mentions,
      {
        candidates: 2,
        reached: (done) => Promise.resolve(void reached.push(done)),
      },
    );
    expect(codings.every(({ candidates }) => candidates.length === 2)).toBe(true);
    const firsts = codings.map(({ candidates }) => candidates.find((one) => one.code === '2211.1')?.score);
    expect(firsts.slice(3)).toEqual(mentions.slice(3).map((_, i) => i + 4));
    expect(reached.at(-1)).toBe(150);
  });

  test('have the distance to their nearest point, whoever votes', async () => {
    const lexical: Space = {
      points: [0, 0, 2].map((concept) => ({ text: '', concept, source: 'label' })),
      concepts: Int32Array.of(0, 0, 2),
      similarities: (texts) => Promise.resolve(texts.map(() => Float32Array.of(0.5, 0.25, 0.75))),
      dispose: () => {},
    };
    for (const neighbours of [null, 3]) {
      const settings = { classifier: { weight: 0 }, lexical: { weight: 1, neighbours } };
      const [coding] = await code({ lexical }, settings);
      const found = coding!.candidates.map((one) => [one.code, one.distance]);
      expect(found.sort()).toEqual([['2211.1', 0.5], ['7112.1', 0.25]]); // prettier-ignore
    }
  });
});

describe('what is looked up word for word', () => {
  const mention = (text: string, of: string, count: number) => ({ text, code: of, count });
  const known: Knowledge = {
    ...knowledge,
    mentions: [
      mention('jefe', 'SCTID: 1', 2),
      mention('Jefe', '7112.1', 2),
      mention('JEFE', '7112.1', 1),
      mention('peón', '7112.1', 1),
      mention('peon', '2221.1', 1),
      mention('albañil', '2221.1', 1),
    ],
  };
  const codeOf = (text: string, ...sources: Parameters<typeof exactLookup>[1]) => {
    const found = exactLookup(known, sources)(text);
    return found === undefined ? undefined : known.concepts[found]!.code;
  };

  test('is the code that it has most often, all its spellings together, of equals the first', () => {
    expect(codeOf('jefe', 'mentions')).toBe('7112.1');
    expect(codeOf('Peón', 'mentions')).toBe('2221.1');
  });

  test('is taken from the first source that has it', () => {
    expect(codeOf('albañil', 'labels', 'mentions')).toBe('7112.1');
    expect(codeOf('albañil', 'mentions', 'labels')).toBe('2221.1');
    expect(codeOf('enfermera', 'mentions', 'labels')).toBe('2221.1'); // a form of a label
    expect(codeOf('en paro', 'mentions', 'labels')).toBeUndefined();
    expect(codeOf('en paro', 'mentions', 'labels', 'alternatives')).toBe('SCTID: 1');
  });

  test('is nothing where there are no words', () => {
    const blank = { ...known, mentions: [mention('—', '7112.1', 1)] };
    expect(exactLookup(blank, ['mentions'])('…')).toBeUndefined();
  });
});
