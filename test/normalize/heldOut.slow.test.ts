import { describe, expect, test } from '@jest/globals';
import { createContext } from '../../src/context.js';
import { readCorpus } from '../../src/data/corpus.js';
import { readCodes } from '../../src/data/norm.js';
import { splitDocuments } from '../../src/data/split.js';
import { generateCorpus } from '../../src/demo/generate.js';
import { demoTasks } from '../../src/demo/write.js';
import { buildNormalizer } from '../../src/normalize/build.js';
import { gatherKnowledge } from '../../src/normalize/knowledge.js';
import { pointsOf } from '../../src/normalize/points.js';
import { matchKey } from '../../src/normalize/text.js';
import { normalizationSettings } from '../support/normalization.js';
import { describeShared, sharedFile, trainingSet } from '../support/shared.js';

const everything = { labels: true, alternatives: true, mentions: true, centroids: true };

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
