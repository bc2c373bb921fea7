import { expect, test } from '@jest/globals';
import { createContext } from '../../src/context.js';
import { mentionClassifier } from '../../src/normalize/mentionClassifier.js';
import { knowledge, normalizationSettings } from '../support/normalization.js';

const mentions = [
  { text: 'trabaja', label: 'A', code: '7112.1', count: 1 },
  { text: 'trabaja', label: 'B', code: 'SCTID: 1', count: 1 },
];
/** The scores of the two codes for a mention with each label, by how much labels weigh. */
async function scores(labelWeight: number) {
  const settings = normalizationSettings({ classifier: { labelWeight, unseen: -7 } }).classifier;
  const { scores: of } = await mentionClassifier({ ...knowledge, mentions }, settings, { seed: 1 }, createContext()); // prettier-ignore
  return ['A', 'B', 'C'].map((label) => [...of({ text: 'trabaja', label })]);
}

test('the label of a mention speaks for the codes that were learned with it, the more the more it weighs', async () => {
  const [none, some, much] = [await scores(0), await scores(0.5), await scores(3)];
  expect(none[0]).toEqual(none[1]);
  const lead = (all: number[][]) => all[0]![2]! - all[0]![3]!; // of the code of A over that of B, for A
  expect(lead(some)).toBeGreaterThan(0);
  expect(lead(much)).toBeGreaterThan(lead(some));
  for (const all of [some, much]) {
    expect(all[1]![3]! - all[1]![2]!).toBeGreaterThan(0);
    expect(Math.abs(all[2]![3]! - all[2]![2]!)).toBeLessThan(lead(some)); // a label that nobody knows says nothing
  }
});

test('a code that no mention has is scored as the settings say', async () => {
  for (const [first, second] of await scores(1)) expect([first, second]).toEqual([-7, -7]);
});
