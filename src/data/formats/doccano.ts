import { z } from 'zod';
import type { Document } from '../document.js';
import { documentsOf, type ListedDocument } from './documents.js';
import { count, lostByLabel, type CorpusFormat, type Reading } from './format.js';
import { codesOf, jsonlEndings, readRecords, recordOf, spansOfAll, writeRecords } from './jsonl.js';

/** JSONL as doccano has it: a text and, for each span, a list of start, end and label. */
export const doccano: CorpusFormat = {
  description: "a line of JSON a document, with text and label, lists of start, end and label: doccano's",
  offsets: 'code points',
  endings: jsonlEndings,
  output: 'file',
  claims: (record) => 'text' in record && ('label' in record || 'labels' in record || 'entities' in record),
  read: (corpus, reading) => documentsOf(listed(corpus, reading), 'code points', corpus, reading),
  write: (out, documents) => writeRecords(out, documents, (document) => [recordFor(document)]),
  lost: lostByLabel,
};

const triples = z.array(z.tuple([z.int(), z.int(), z.string().min(1)])).nullish();

const schema = recordOf({
  text: z.string(),
  label: triples,
  labels: triples,
  /** Of a project with relations. */
  entities: z
    .array(z.looseObject({ start_offset: z.int(), end_offset: z.int(), label: z.string().min(1) }))
    .nullish(),
  relations: z.array(z.unknown()).nullish(),
  Comments: z.array(z.unknown()).nullish(),
});

async function* listed(corpus: string, reading: Reading): AsyncGenerator<ListedDocument> {
  for await (const { record, name, ...place } of readRecords(
    corpus,
    schema,
    'a record of doccano',
    reading,
  )) {
    const { text, label, labels, entities, relations, Comments, codes, document } = record;
    count(reading.passedOver, 'relations', relations?.length);
    count(reading.passedOver, 'comments', Comments?.length);
    const spans = [
      ...[...(label ?? []), ...(labels ?? [])].map(([start, end, name]) => ({ start, end, label: name })),
      ...(entities ?? []).map((one) => ({ start: one.start_offset, end: one.end_offset, label: one.label })),
    ];
    yield { name: document ?? name, text, spans, codes: codes ?? [], ...place };
  }
}

function recordFor(document: Document): object {
  const label = spansOfAll(document).map((span) => [span.start, span.end, span.label]);
  return { text: document.text, label, document: document.name, ...codesOf(document) };
}
