import { z } from 'zod';
import type { Document } from '../document.js';
import { documentsOf, type ListedDocument } from './documents.js';
import { count, lostByLabel, type CorpusFormat, type Reading } from './format.js';
import { codesOf, jsonlEndings, readRecords, recordOf, spansOfAll, writeRecords } from './jsonl.js';

/** JSONL as Prodigy has it: a text with its spans. */
export const prodigy: CorpusFormat = {
  description: "a line of JSON a document, with text and spans: Prodigy's",
  offsets: 'code points',
  endings: jsonlEndings,
  output: 'file',
  claims: (record) => 'text' in record && !['label', 'labels', 'entities'].some((key) => key in record),
  read: (corpus, reading) => documentsOf(listed(corpus, reading), 'code points', corpus, reading),
  write: (out, documents) => writeRecords(out, documents, (document) => [recordFor(document)]),
  lost: lostByLabel,
};

const schema = recordOf({
  text: z.string(),
  spans: z.array(z.looseObject({ start: z.int(), end: z.int(), label: z.string().min(1) })).nullish(),
  meta: z.looseObject({ document: z.string().optional() }).nullish(),
  answer: z.string().nullish(),
  relations: z.array(z.unknown()).nullish(),
});

async function* listed(corpus: string, reading: Reading): AsyncGenerator<ListedDocument> {
  for await (const { record, name, ...place } of readRecords(
    corpus,
    schema,
    'a record of Prodigy',
    reading,
  )) {
    const { text, spans, meta, answer, relations, codes, document } = record;
    if (answer === 'reject' || answer === 'ignore') {
      count(reading.passedOver, `examples with the answer ${answer}`, 1);
      continue;
    }
    count(reading.passedOver, 'relations', relations?.length);
    yield {
      name: document ?? meta?.document ?? name,
      text,
      spans: spans ?? [],
      codes: codes ?? [],
      ...place,
    };
  }
}

function recordFor(document: Document): object {
  const spans = spansOfAll(document).map(({ start, end, label }) => ({ start, end, label }));
  return { text: document.text, spans, meta: { document: document.name }, ...codesOf(document) };
}
