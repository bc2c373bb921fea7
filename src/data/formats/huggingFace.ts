import { z } from 'zod';
import { shown } from '../../files/shown.js';
import { codePoints } from '../codepoints.js';
import type { Document } from '../document.js';
import { report, type FaultKind } from '../fault.js';
import type { Tasks } from '../folders.js';
import { documentsOf, type ListedDocument } from './documents.js';
import type { CorpusFormat, Reading } from './format.js';
import { jsonlEndings, readRecords, recordOf, writeRecords, type JsonRecord } from './jsonl.js';
import { quoted } from './quoted.js';
import { isOutside, isTag, spansOfTags, tagsOf } from './tags.js';
import { cutIntoTokens, findTokens, joinTokens, lostInTokens } from './tokens.js';

/**
 * JSONL as Hugging Face's token classification takes it: a sentence a record, with tokens and, for each task, their
 * tags. Of records in a row that name one document, the texts are parts of its text.
 */
export const huggingface: CorpusFormat = {
  description: "a line of JSON a sentence, with tokens and ner_tags: Hugging Face's token classification",
  offsets: 'tokens',
  endings: jsonlEndings,
  output: 'file',
  claims: (record) =>
    'tokens' in record &&
    Array.isArray(record.tokens) &&
    record.tokens.every((token) => typeof token === 'string'),
  read: (corpus, reading) => documentsOf(listed(corpus, reading), 'code points', corpus, reading),
  write: (out, documents, tasks) =>
    writeRecords(out, documents, (document) =>
      recordsOf(
        document,
        tasks,
        documents.some(({ codes }) => codes.length > 0),
      ),
    ),
  lost: lostInTokens,
};

const schema = recordOf({ tokens: z.array(z.string()), text: z.string().nullish() });

type Sentence = JsonRecord<z.output<typeof schema>>;

async function* listed(corpus: string, reading: Reading): AsyncGenerator<ListedDocument> {
  let open: Sentence[] = [];
  const what = "a record of Hugging Face's token classification";
  for await (const sentence of readRecords(corpus, schema, what, reading)) {
    const { document } = sentence.record;
    if (open.length > 0 && (!document || open[0]!.record.document !== document)) {
      yield* listedOf(open, reading);
      open = [];
    }
    open.push(sentence);
  }
  if (open.length > 0) yield* listedOf(open, reading);
}

/** A document of its sentences or, where something is wrong with one, none. */
function listedOf(sentences: readonly Sentence[], { tasks, faults, tolerant }: Reading): ListedDocument[] {
  const { name, record: first, file, line } = sentences[0]!;
  const document: ListedDocument = {
    name: first.document ?? name,
    text: '',
    file,
    line,
    spans: [],
    codes: [],
  };
  let before = 0; // code points
  for (const { record, line } of sentences) {
    const fail = (kind: FaultKind, message: string) =>
      report(faults, { file, line, kind, severity: 'error', message }, tolerant);
    const tags = Object.keys(tasks).length === 0 ? [] : tagsIn(record);
    if (typeof tags === 'string') {
      fail('fields', tags);
      return [];
    }
    const joined = joinTokens([record.tokens]);
    const text = record.text ?? (document.text === '' ? '' : '\n') + joined.text;
    const tokens = findTokens(record.tokens, text);
    if (typeof tokens === 'number') {
      const token = quoted(record.tokens[tokens] ?? record.tokens.at(-1) ?? '');
      fail('text', `the tokens are not those of text, from ${token} on; without text they make it.`);
      return [];
    }
    for (const { label, first, last } of tags.flatMap(spansOfTags))
      document.spans.push({
        label,
        line,
        start: before + tokens[first]!.start,
        end: before + tokens[last]!.end,
      });
    for (const { start, end, code } of record.codes ?? [])
      document.codes.push({ line, code, start: before + start, end: before + end });
    document.text += text;
    before += codePoints(text).length;
  }
  return [document];
}

/** The lists of tags in a record that say what spans there are, or what is wrong with them. */
function tagsIn(record: Record<string, unknown> & { tokens: string[] }): string[][] | string {
  const { length } = record.tokens;
  const lists = Object.entries(record).filter(
    (entry): entry is [string, unknown[]] => TAGS.test(entry[0]) && !NO_SPANS.includes(entry[0]) && Array.isArray(entry[1]), // prettier-ignore
  );
  if (lists.length === 0) return 'it has no tags; they stand in a list as long as tokens, as ner_tags.';
  const tags: string[][] = [];
  for (const [key, list] of lists) {
    if (list.length !== length) return `${key} has ${list.length} tags, and there are ${length} tokens.`;
    const wrong = list.find((tag) => typeof tag !== 'string' || tag === '');
    if (typeof wrong === 'number')
      return `${key} has numbers, whose names the data set alone knows; write the names, as in "B-PER".`;
    if (wrong !== undefined) return `${key} has ${shown(wrong)}, which is no tag.`;
    const own = list as string[];
    const plain = own.find((tag) => !isTag(tag));
    if (plain !== undefined && own.some((tag) => isTag(tag) && !isOutside(tag)))
      return `${key} has tags with B-, I-, … before the label, and ${JSON.stringify(plain)} without.`;
    tags.push(own);
  }
  return tags;
}

const TAGS = /(^|_)(tags|labels)$/;
/** Lists of CoNLL 2003's data set that are tags of something else. */
const NO_SPANS = ['pos_tags', 'chunk_tags'];

/** A document as its sentences, each with the text up to the next. */
function recordsOf({ name, text, spans, codes }: Document, tasks: Tasks, isCoded: boolean): object[] {
  const cut = cutIntoTokens(text, [...Object.values(spans).flat(), ...codes]);
  const tags = Object.keys(tasks).map(
    (task) => [`${task}_tags`, tagsOf(spans[task] ?? [], cut.flat())] as const,
  );
  const points = codePoints(text);
  let first = 0; // token
  return (cut.length === 0 ? [[]] : cut).map((tokens, i) => {
    const start = i === 0 ? 0 : tokens[0]!.start;
    const end = cut[i + 1]?.[0]!.start ?? points.length;
    const own = codes.filter((code) => code.start >= start && code.start < end);
    const record = {
      id: `${name}:${i}`,
      document: name,
      text: points.slice(start, end),
      tokens: tokens.map((token) => token.text),
      ...Object.fromEntries(tags.map(([key, all]) => [key, all.slice(first, first + tokens.length)])),
    };
    first += tokens.length;
    if (!isCoded) return record;
    return {
      ...record,
      codes: own.map((code) => ({ start: code.start - start, end: code.end - start, code: code.code })),
    };
  });
}
