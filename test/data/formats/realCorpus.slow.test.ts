import { beforeAll, expect, test } from '@jest/globals';
import { join } from 'node:path';
import { readCorpus } from '../../../src/data/corpus.js';
import type { Document } from '../../../src/data/document.js';
import { count, type Counted } from '../../../src/data/formats/format.js';
import { formats } from '../../../src/data/formats/registry.js';
import { demoTasks } from '../../../src/demo/write.js';
import { describeShared, sharedFile, trainingSet } from '../../support/shared.js';
import { temporaryFolders } from '../../support/temporaryFolder.js';

const folder = temporaryFolders();

describeShared('the corpus of the shared task', trainingSet, () => {
  let documents: Document[];
  beforeAll(async () => {
    documents = (await readCorpus(sharedFile(trainingSet), demoTasks)).documents;
  }, 240_000);

  async function thereAndBack(format: keyof typeof formats, some = documents) {
    const out = formats[format].output === 'folder' ? folder() : join(folder(), 'corpus.jsonl');
    await formats[format].write(out, some, demoTasks);
    const lost: Counted = {};
    for (const one of some)
      for (const [what, more] of Object.entries(formats[format].lost(one, demoTasks)))
        count(lost, what, more);
    const again = await readCorpus(out, demoTasks, { format });
    expect(again.faults).toEqual([]);
    expect(again.passedOver).toEqual({});
    return { again: again.documents, lost };
  }

  test.each(['brat', 'prodigy', 'doccano', 'casjson'] as const)('comes back as it was from %s', async (format) => {
    const { again, lost } = await thereAndBack(format);
    expect(again).toEqual(documents);
    expect(lost).toEqual({});
  }, 240_000); // prettier-ignore

  test('comes back as it was from xmi, but for the one text with a character that XML has none of', async () => {
    const isHeld = ({ text }: Document) => !text.includes('\0');
    const some = documents.filter(isHeld);
    expect(documents.length - some.length).toBe(1);
    expect((await thereAndBack('xmi', some)).again).toEqual(some);
    await expect(thereAndBack('xmi')).rejects.toThrow('has the character U+0000 at 1397, which XML cannot hold'); // prettier-ignore
  }, 240_000);

  // 29 pairs overlap in each task; a span that goes may be of two of them.
  test.each(['conll', 'huggingface'] as const)('comes back from %s but for the spans that overlap others', async (format) => {
    const { again, lost } = await thereAndBack(format);
    expect(lost).toEqual({ 'spans that overlap others of their task': 54 });
    const number = (all: Document[]) => all.flatMap(({ spans }) => Object.values(spans).flat()).length;
    expect(number(documents) - number(again)).toBe(54);
    const spansOf = ({ spans }: Document) => Object.entries(spans).flatMap(([task, own]) => own.map((span) => JSON.stringify([task, span])));
    for (const [i, { spans, ...rest }] of again.entries()) {
      const { spans: before, ...same } = documents[i]!;
      expect(rest).toEqual(same);
      expect(spansOf(documents[i]!)).toEqual(expect.arrayContaining(spansOf({ spans, ...rest })));
      expect(Object.keys(spans)).toEqual(Object.keys(before));
    }
  }, 240_000); // prettier-ignore
});
