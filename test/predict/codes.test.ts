import { expect, test } from '@jest/globals';
import { codedMentions, type Mention } from '../../src/normalize/knowledge.js';
import type { Normalizer } from '../../src/normalize/normalizer.js';
import { codeSpans } from '../../src/predict/codes.js';

test('a span with two labels is coded once, by the label that coded mentions are learned with', async () => {
  const asked: Mention[] = [];
  const normalizer = {
    settings: { task: 'ner' },
    code: (mentions: Mention[]) => {
      for (const mention of mentions) asked.push(mention);
      return Promise.resolve(mentions.map(() => ({ code: '1', candidates: [] })));
    },
  } as unknown as Normalizer;
  const place = { start: 3, end: 9 };
  const spans = { ner: ['A', 'B'].map((label) => ({ ...place, label })) };
  const coded = await codeSpans(normalizer, ['ner'], { text: 'Es minero.', spans });
  const learned = codedMentions({ spans, codes: [{ ...place, text: 'minero', code: '1' }] }, 'ner');
  expect(coded).toHaveLength(1);
  expect(asked.map(({ label }) => label)).toEqual(learned.map(({ label }) => label));
});
