import { beforeAll, expect, test } from '@jest/globals';
import { readCorpus, type Corpus } from '../../src/data/corpus.js';
import { corpusFacts, type CorpusFacts } from '../../src/data/facts.js';
import { readCodes } from '../../src/data/norm.js';
import { splitDocuments } from '../../src/data/split.js';
import { writeCorpus } from '../../src/data/write.js';
import { demoTasks } from '../../src/demo/write.js';
import { describeShared, sharedFile, trainingSet } from '../support/shared.js';
import { temporaryFolders } from '../support/temporaryFolder.js';

const folder = temporaryFolders();

// Counted a second time by a program of its own, in Python: the numbers are those of this release.
describeShared('the corpus of the shared task', trainingSet, () => {
  let corpus: Corpus;
  let facts: CorpusFacts;
  beforeAll(async () => {
    corpus = await readCorpus(sharedFile(trainingSet), demoTasks);
    facts = corpusFacts(corpus, demoTasks);
  }, 240_000);

  test('reads without a fault', () => {
    expect(corpus.faults).toEqual([]);
  });

  test('has marks, twins and unsorted files where they are known to be', () => {
    expect(facts).toMatchObject({
      documents: 1350,
      byteOrderMarks: 16,
      combiningMarks: 119,
      carriageReturns: 0,
      astral: 0,
      twins: [['caso_clinico_atencion_primaria161', 'caso_clinico_atencion_primaria162']],
      unlikeSpans: [],
    });
    expect(facts.unsortedFiles).toBe(2 * 398);
  });

  test('has 3,249 spans per task, 29 pairs of which overlap', () => {
    for (const task of ['ner', 'class'])
      expect(facts.tasks[task]).toMatchObject({
        spans: 3249,
        documentsWithoutSpans: 233,
        nestedPairs: 26,
        crossingPairs: 3,
      });
  });

  test('has a code for every span', () => {
    expect(facts.norm).toMatchObject({ rows: 3249, codes: 280, withoutSpan: 0 });
  });

  test('keeps its twins on one side of a split, whatever the seed', () => {
    for (let seed = 0; seed < 20; seed++) {
      const { training: trained, validation } = splitDocuments(corpus.documents, {
        seed,
        validationShare: 0.1,
      });
      expect(validation).toHaveLength(135);
      const [one, other] = facts.twins[0]!.map((name) => trained.includes(name));
      expect(one).toBe(other);
    }
  });

  test('comes back the same when it is written', async () => {
    const copy = folder();
    await writeCorpus(copy, corpus.documents, demoTasks);
    const again = await readCorpus(copy, demoTasks);
    expect(again.documents).toEqual(corpus.documents);
    expect(again.unsorted).toEqual([]);
  }, 240_000);

  test('has 3,604 rows of valid codes, 46 codes twice', async () => {
    const codes = await readCodes(sharedFile('meddoprof/meddoprof_valid_codes.tsv'));
    expect(codes).toHaveLength(3604);
    expect(new Set(codes.map(({ code }) => code)).size).toBe(3558);
  });
});
