import { describe, expect, test } from '@jest/globals';
import { createContext } from '../../src/context.js';
import { readCorpus } from '../../src/data/corpus.js';
import { readCodes } from '../../src/data/norm.js';
import { splitDocuments } from '../../src/data/split.js';
import { generateCorpus } from '../../src/demo/generate.js';
import { demoTasks } from '../../src/demo/write.js';
import { buildNormalizer } from '../../src/normalize/build.js';
import { codedMentions, gatherKnowledge } from '../../src/normalize/knowledge.js';
import { pointsOf } from '../../src/normalize/points.js';
import { conceptsOf, formsOf } from '../../src/normalize/terminology.js';
import { matchKey } from '../../src/normalize/text.js';
import { document } from '../support/corpus.js';
import { normalizationSettings } from '../support/normalization.js';
import { describeShared, sharedFile, trainingSet } from '../support/shared.js';

const everything = { labels: true, alternatives: true, mentions: true, centroids: true };

describe('two texts', () => {
  test.each([
    ['Médico de Familia', 'medico  de\nfamilia'],
    ['me\u0301dico', 'médico'],
    ['trabaja (en paro)', 'trabaja en paro'],
    ['PEÓN', 'peon'],
  ])('are the same word for word: %j and %j', (a, b) => expect(matchKey(a)).toBe(matchKey(b)));

  test('of other words are not', () => expect(matchKey('peón')).not.toBe(matchKey('peones')));
});

describe('concepts', () => {
  test('gather the rows of a code, in order of the codes', () => {
    const rows = [
      { code: 'b', label: 'dos', alternatives: ['2'] },
      { code: 'a', label: 'uno', alternatives: [] },
      { code: 'b', label: 'segundo', alternatives: ['2', 'ii'] },
    ];
    expect(conceptsOf(rows)).toEqual([
      { code: 'a', labels: ['uno'], alternatives: [] },
      { code: 'b', labels: ['dos', 'segundo'], alternatives: ['2', 'ii'] },
    ]);
  });

  test('have the forms of a label between slashes', () => {
    expect(formsOf('enfermero/ enfermera /')).toEqual(['enfermero', 'enfermera']);
  });
});

/** A document whose mentions have codes. */
function coded(name: string, text: string, codes: [label: string, mention: string, code: string][]) {
  const made = document(name, text, { ner: codes.map(([label, mention]) => [label, mention]) });
  made.codes = codes.map(([, mention, code], i) => ({ ...made.spans.ner![i]!, text: mention, code }));
  return made;
}

describe('what training documents say', () => {
  const documents = [
    coded('one', 'Es juez y su madre es Juez.', [
      ['A', 'juez', '1'],
      ['A', 'Juez', '1'],
    ]),
    coded('two', 'Un albañil en paro.', [
      ['A', 'albañil', '2'],
      ['B', 'en paro', 'gone'],
    ]),
  ];

  test('are mentions with label and code, like ones counted together', () => {
    const { knowledge, invalid } = gatherKnowledge(documents, undefined, 'ner');
    expect(knowledge.mentions).toEqual([
      { text: 'albañil', label: 'A', code: '2', count: 1 },
      { text: 'en paro', label: 'B', code: 'gone', count: 1 },
      { text: 'juez', label: 'A', code: '1', count: 2 },
    ]);
    expect(knowledge.concepts.map(({ code }) => code)).toEqual(['1', '2', 'gone']);
    expect(invalid).toBe(0);
  });

  test('leave out, and count, mentions whose code is not valid', () => {
    const codes = ['1', '2'].map((code) => ({ code, label: `label ${code}`, alternatives: [] }));
    const { knowledge, invalid } = gatherKnowledge(documents, codes, 'ner');
    expect(knowledge.mentions.map(({ text }) => text)).toEqual(['albañil', 'juez']);
    expect(invalid).toBe(1);
  });

  test('have no label where the task has no span at those offsets', () => {
    expect(codedMentions(documents[0]!, 'class').map(({ label }) => label)).toEqual([undefined, undefined]);
  });
});

/** Everything that a normalizer knows comes from labels and from training documents. */
async function expectNoLeak(
  documents: Parameters<typeof gatherKnowledge>[0],
  codes: Parameters<typeof gatherKnowledge>[1],
  validation: readonly string[],
) {
  const held = new Set(validation);
  const [training, heldOut] = [
    documents.filter(({ name }) => !held.has(name)),
    documents.filter(({ name }) => held.has(name)),
  ];
  const { knowledge } = gatherKnowledge(training, codes, 'ner');
  const texts = (of: typeof documents) =>
    new Set(of.flatMap((one) => one.codes.map(({ text, code }) => `${matchKey(text)} ${code}`)));
  const [known, secret] = [texts(training), texts(heldOut)];
  const unknown = [...secret].filter((text) => !known.has(text));
  expect(unknown.length).toBeGreaterThan(0); // or this could not fail
  const points = pointsOf(knowledge, everything)
    .filter(({ source }) => source === 'mention')
    .map(({ text, concept }) => `${matchKey(text)} ${knowledge.concepts[concept]!.code}`);
  expect(unknown.filter((text) => points.includes(text))).toEqual([]);
  expect(new Set(points)).toEqual(known);
  return { knowledge, training };
}

describe('no mention that is held out is a point', () => {
  test('of the demo corpus; nor does it change what is found', async () => {
    const { documents, codes, split } = generateCorpus({ seed: 5, documents: 120 });
    const { knowledge, training } = await expectNoLeak(documents, codes, split.validation);
    const settings = normalizationSettings({ lexical: { points: everything } });
    const build = (of: typeof knowledge) => buildNormalizer(of, settings, { seed: 1 }, createContext());
    const [one, other] = await Promise.all([
      build(knowledge),
      build(gatherKnowledge([...training], codes, 'ner').knowledge),
    ]);
    expect(one.weights).toEqual(other.weights);
    expect(Object.keys(demoTasks)[0]).toBe('ner');
  });
});

describeShared('no mention of the shared task that is held out is a point', trainingSet, () => {
  test('with the split of seed 1', async () => {
    const { documents } = await readCorpus(sharedFile(trainingSet), demoTasks);
    const codes = await readCodes(sharedFile('meddoprof/meddoprof_valid_codes.tsv'));
    const { validation } = splitDocuments(documents, { seed: 1, validationShare: 0.1 });
    await expectNoLeak(documents, codes, validation);
  });
});
