import { beforeAll, expect, test } from '@jest/globals';
import { readCorpus } from '../../src/data/corpus.js';
import { decodeSpans } from '../../src/data/decode.js';
import type { Document, Span } from '../../src/data/document.js';
import { prepareExamples, type Example } from '../../src/data/examples.js';
import {
  encodeLabels,
  outputsOf,
  type Outputs,
  type Scheme,
  type WordOffsets,
} from '../../src/data/labels.js';
import { openTokenizerFile } from '../../src/data/tokenizers/open.js';
import type { Tokenizer } from '../../src/data/tokenizers/tokenizer.js';
import { demoTasks as tasks } from '../../src/demo/write.js';
import { describeShared, sharedFile, trainingSet } from '../support/shared.js';

/** F1 of spans that are exactly alike, over all documents. */
function exactF1(examples: Example[], decoded: Record<string, Span[]>[], task: string) {
  const keys = (spans: Span[]) => new Set(spans.map(({ label, start, end }) => `${label} ${start} ${end}`));
  let [gold, predicted, both] = [0, 0, 0];
  for (const [i, example] of examples.entries()) {
    const [left, right] = [keys(example.spans[task]!), keys(decoded[i]![task]!)];
    gold += left.size;
    predicted += right.size;
    both += [...left].filter((key) => right.has(key)).length;
  }
  return (2 * both) / (gold + predicted);
}

describeShared('gold spans of the corpus as word labels and back', trainingSet, () => {
  let documents: Document[];
  let tokenizer: Pick<Tokenizer, 'encodeBatch'>;
  beforeAll(async () => {
    ({ documents } = await readCorpus(sharedFile(trainingSet), tasks));
    const { encodeBatch } = await openTokenizerFile(sharedFile('mbert-cased/vocab.txt'));
    const encodings = await encodeBatch(documents.map(({ text }) => text));
    tokenizer = { encodeBatch: async () => encodings };
  }, 240_000);

  // IO with two outputs, counted a second time by a program of its own in Python: .99428 and .98481.
  test.each<[Scheme, Outputs, number, number]>([
    ['IO', 'perTask', 0.9943, 0.9848],
    ['BIO', 'perTask', 0.9958, 0.9961],
    ['BIOU', 'perTask', 0.9958, 0.9961],
    ['IO', 'joint', 0.9943, 0.9848],
    ['BIO', 'joint', 0.9957, 0.996],
    ['BIOU', 'joint', 0.9957, 0.996],
  ])('keeps with %s and outputs %s what the scheme can express', async (scheme, outputs, ner, byClass) => {
    const channels = outputsOf(tasks, scheme, outputs);
    const targetsOf = (spans: Record<string, readonly Span[]>, words: WordOffsets) =>
      channels.map((output) => encodeLabels(output, spans, words));
    const examples = await prepareExamples(documents, tokenizer, { targetsOf });
    const decoded = examples.map(({ encoded, targets }) =>
      decodeSpans(channels, targets as Uint8Array[], encoded, {
        threshold: 0.5,
        thresholds: {},
        overlap: 'allow',
      }),
    );
    expect(exactF1(examples, decoded, 'ner')).toBeCloseTo(ner, 4);
    expect(exactF1(examples, decoded, 'class')).toBeCloseTo(byClass, 4);
  });
});
