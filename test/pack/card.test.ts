import { expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { formatCard, type Described } from '../../src/pack/card.js';
import type { Split } from '../../src/formats/split.js';

/** The metadata of a card of a run with that split, and the card. */
function metadataOf(split: Split, { head = 'sigmoid', decoding = {} } = {}) {
  const ratio = { precision: 0.8, recall: 0.6, f1: 0.7 };
  const intervals = { precision: [0.7, 0.9], recall: [0.5, 0.7], f1: [0.6, 0.8] };
  const run = {
    settings: {
      tasks: { ner: { folder: 'task1', labels: ['A'] } },
      model: { head, trunk: 'none', scheme: 'BIO' },
      windows: { windowPieces: 128 },
      decoding: { paths: 'best', threshold: 0.5, thresholds: {}, ...decoding },
    },
    encoder: { layers: 2, hidden: 8 },
    config: { training: { batchSize: 8 }, encoder: { weights: null } },
    record: {
      corpus: { hash: 'c0ffee' },
      seed: 1,
      versions: { meddoprof: '0.1.0' },
      engine: { name: 'cpu', device: 'cpu' },
    },
    tracks: [{ track: 'ner', all: { ...ratio, intervals }, perLabel: {} }],
    split,
    codes: false,
    redecoded: false,
    words: null,
  } as unknown as Described;
  const card = formatCard(run, { license: 'mit', languages: ['es'], name: 'tiny', corpus: 'Notes' });
  return { metadata: parse(card.split('---\n')[1]!), card };
}

const split: Split = { seed: 1, training: ['a'], validation: ['b', 'c'] };

test.each<[string, Split, string, boolean]>([
  ['validation where they chose the best epoch', split, 'validation', true],
  ['test where the run has such a side', { ...split, test: ['d'] }, 'test', false],
])('scores in the metadata of a card are of %s, as its text says', (_, of, side, choosing) => {
  const { metadata, card } = metadataOf(of);
  expect(metadata['model-index'][0].results[0].dataset.split).toBe(side);
  expect(card.includes('The best epoch was chosen on them.')).toBe(choosing);
});

test.each([
  ['a probability', {}, 'Spans from a probability of 0.5 on.'],
  [
    'those of labels that have another',
    { decoding: { thresholds: { A: 0.25, B: 0.5 } } },
    'Spans from a probability of 0.5 (`A`: 0.25) on.',
  ],
  ['the best path of a chain', { head: 'crf' }, 'Spans are those of the best path of tags.'],
  [
    'a probability over all paths of a chain',
    { head: 'crf', decoding: { paths: 'all', threshold: 0.4 } },
    'Spans from a probability of 0.4 on.',
  ],
])('a card says by what spans are found: %s', (_, of, sentence) => {
  expect(metadataOf(split, of).card).toContain(` ${sentence} `);
});
