import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { codePoints } from '../../../src/data/codepoints.js';
import type { Document } from '../../../src/data/document.js';
import { formats } from '../../../src/data/formats/registry.js';
import { spansOfTags } from '../../../src/data/formats/tags.js';
import { document, twoTasks } from '../../support/corpus.js';
import { describePython, runPython } from '../../support/python.js';
import { temporaryFolders } from '../../support/temporaryFolder.js';

const folder = temporaryFolders();

function found<T>(tool: string, path: string): T {
  const { status, printed, stderr } = runPython('read_formats.py', [tool, path]);
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(printed) as T;
}

/** With what tools trip over: characters beyond U+FFFF, a byte order mark, line ends, spans that nest and go over a line's end. */
const documents: Document[] = [
  document('nota 1', '\ufeffLa 👩‍⚕️ médica jefa\r\n\tdel hospital <&> "x"\n', {
    ner: [['A', 'médica jefa\r\n\tdel hospital'], ['B', 'jefa']], // prettier-ignore
    class: [['X', 'médica']],
  }),
  document('ñ-2', ''),
  document('nota-3', 'Trabaja de enfermera.\nSu padre, exminero.\n\n𝒳 fin', {
    ner: [['A', 'enfermera'], ['B', 'minero']], // prettier-ignore
    class: [['X', 'enfermera'], ['Y', 'minero']], // prettier-ignore
  }),
];
documents[2]!.codes = [{ start: 11, end: 20, text: 'enfermera', code: '2221' }];

const slices = ({ text, spans }: Document, tasks = Object.keys(spans)) =>
  tasks.flatMap((task) => spans[task]!.map(({ label, start, end }) => [label, codePoints(text).slice(start, end)])); // prettier-ignore

describePython('dkpro-cassis', ['cassis'], () => {
  test.each(['xmi', 'casjson'] as const)('reads texts, spans and codes of %s as they are', async (format) => {
    const out = folder();
    await formats[format].write(out, documents, twoTasks);
    type Read = Record<string, { text: string; spans: [number, number, string, string | null][] }>;
    const read = found<Read>('cassis', out);
    expect(Object.keys(read).sort()).toEqual(documents.map(({ name }) => name).sort());
    for (const one of documents) {
      const { text, spans } = read[one.name]!;
      expect(text ?? '').toBe(one.text);
      const own = spans.map(([begin, end, value]) => [value, [...text].slice(begin, end).join('')]);
      expect(own.sort()).toEqual(slices(one).sort());
      const codes = spans.flatMap(([start, end, , code]) => (code === null ? [] : [{ start, end, code }]));
      const once = [...new Map(codes.map((coded) => [JSON.stringify(coded), coded])).values()]; // both tasks' spans have it
      expect(once).toEqual(one.codes.map(({ start, end, code }) => ({ start, end, code })));
    }
  });
});

describePython("Hugging Face's datasets", ['datasets'], () => {
  test('loads lists of tokens and tags as strings', async () => {
    const file = join(folder(), 'corpus.jsonl');
    await formats.huggingface.write(file, documents, twoTasks);
    type Sentence = { document: string; text: string; tokens: string[]; ner_tags: string[]; class_tags: string[] }; // prettier-ignore
    const { features, records } = found<{ features: Record<string, string>; records: Sentence[] }>('datasets', file); // prettier-ignore
    for (const column of ['tokens', 'ner_tags', 'class_tags'])
      expect(features[column]).toMatch(/^List\(Value\('string'\)\)$|^Sequence\(.*'string'/);
    for (const { tokens, ner_tags, class_tags } of records)
      expect([ner_tags.length, class_tags.length]).toEqual([tokens.length, tokens.length]);
    for (const { name, text } of documents) {
      const own = records.filter((record) => record.document === name);
      expect(own.map((record) => record.text).join('')).toBe(text);
    }
  });
});

describePython("spaCy's convert", ['spacy'], () => {
  test('finds the spans of the last column of tags', async () => {
    const out = folder();
    await formats.conll.write(out, documents, twoTasks);
    const read = found<Record<string, { words: string[]; spans: [string, string[]][] }>>('spacy', out);
    for (const one of documents.filter(({ text }) => text !== '')) {
      const { words, spans } = read[one.name]!;
      expect(words.join('')).toBe(
        one.text.replace(/[\s\p{C}]+/gu, (gone) => (gone === '\u200d' ? gone : '')),
      );
      expect(spans.map(([label, own]) => [label, own.join(' ')])).toEqual(slices(one, ['class']));
    }
  });
});

describePython('seqeval', ['seqeval'], () => {
  const label = fc.constantFrom('A', 'B');
  const spans = fc.array(fc.oneof(fc.constant(null), fc.tuple(label, fc.integer({ min: 1, max: 3 }))), { maxLength: 6 }); // prettier-ignore
  const written = {
    BIO: (name: string, i: number) => `${i === 0 ? 'B' : 'I'}-${name}`,
    BIOES: (name: string, i: number, size: number) => `${size === 1 ? 'S' : i === 0 ? 'B' : i === size - 1 ? 'E' : 'I'}-${name}`, // prettier-ignore
    any: (name: string, i: number, size: number) => `${'BIESI'[(i * 7 + size * 3 + name.charCodeAt(0)) % 5]}-${name}`, // prettier-ignore
  };
  test.each(['BIO', 'BIOES', 'any'] as const)('finds the spans that are found in tags (%s)', (scheme) => {
    const tagged = fc.sample(spans, { numRuns: 1500, seed: 7 }).map(
      (all) =>
      all.flatMap((one) => one === null ? ['O'] : Array.from({ length: one[1] }, (_, i) => written[scheme](one[0], i, one[1]))), // prettier-ignore
    );
    const file = join(folder(), 'tags.json');
    writeFileSync(file, JSON.stringify(tagged));
    const expected = found<[string, number, number][][]>('seqeval', file);
    expect(tagged.map((tags) => spansOfTags(tags).map(({ label, first, last }) => [label, first, last]))).toEqual(expected); // prettier-ignore
  });
});
