import { checkWhole } from '../config/given.js';
import { codePoints } from '../data/codepoints.js';
import { compareSpans, compareStrings, type Document } from '../data/document.js';
import type { CodeRow } from '../data/norm.js';
import { randomFrom, type Random } from '../data/random.js';
import type { Split } from '../formats/split.js';
import { codeTable } from './lexicon.js';
import { drawNote, type Note } from './note.js';

export interface DemoOptions {
  seed: number;
  documents: number;
  /** Share of the documents that are held out for validation; 0.2 if absent. */
  validationShare?: number;
}

export interface DemoCorpus {
  /** Sorted by name; the tasks are `ner` and `class`. */
  documents: Document[];
  codes: CodeRow[];
  split: Split;
  /** By document: the sentence templates and the words it was made of, in the notation of grammar.ts. */
  origins: Record<string, { templates: string[]; words: string[] }>;
}

/**
 * Invents clinical notes in Spanish with their annotations for all three tracks. Validation documents use
 * templates and words that no training document has. Like seeds give like corpora. A few texts begin with
 * a byte order mark, end their lines with CR LF, have combining marks, or an emoji.
 * @throws UsageError for fewer than 2 documents, and for numbers that are not whole
 */
export function generateCorpus({ seed, documents: count, validationShare = 0.2 }: DemoOptions): DemoCorpus {
  checkWhole('documents', count, 2);
  checkWhole('seed', seed);
  const random = randomFrom(seed);
  const held = Math.min(Math.max(Math.round(count * validationShare), 1), count - 1);
  const heldOut = random.shuffle(Array.from({ length: count }, (_, index) => index < held));
  const writings = drawWritings(random, count);
  const names = drawNames(random, count);

  const documents: Document[] = [];
  const split: Split = { seed, training: [], validation: [] };
  const origins: DemoCorpus['origins'] = {};
  for (const [index, name] of names.entries()) {
    const writing = writings[index]!;
    const note = drawNote(random, { heldOut: heldOut[index]!, message: writing === 'message' });
    documents.push(toDocument(name, note, writing));
    split[heldOut[index] ? 'validation' : 'training'].push(name);
    origins[name] = { templates: note.templates, words: note.words };
  }
  documents.sort((a, b) => compareStrings(a.name, b.name));
  split.training.sort(compareStrings);
  split.validation.sort(compareStrings);
  return { documents, codes: codeTable(), split, origins };
}

/** What may be particular about a file. */
type Writing = 'plain' | 'mark' | 'returns' | 'combining' | 'message';

/** Two documents in a hundred of every particular way, at least one where there are enough documents. */
function drawWritings(random: Random, count: number): Writing[] {
  const particular: Writing[] = ['mark', 'returns', 'combining', 'message'];
  const each = Math.ceil(count / 50);
  const drawn = Array.from({ length: count }, (_, i): Writing =>
    i < each * particular.length && i < count / 2 ? particular[i % particular.length]! : 'plain',
  );
  return random.shuffle(drawn);
}

const specialities = ['interna', 'neurologia', 'primaria', 'psiquiatria', 'urgencias'];

function drawNames(random: Random, count: number): string[] {
  const counts = new Map<string, number>();
  return Array.from({ length: count }, () => {
    const speciality = specialities[random.int(specialities.length)]!;
    const number = (counts.get(speciality) ?? 0) + 1;
    counts.set(speciality, number);
    return `demo_${speciality}${number}`;
  });
}

function toDocument(name: string, { text, marks }: Note, writing: Writing): Document {
  const write = rewrite[writing];
  const written = write(text);
  const points = codePoints(written);
  // What was written before an offset is what comes of the text before it: no change spans an offset.
  const offset = (unit: number) => points.fromUtf16(write(text.slice(0, unit)).length);
  const spans = marks.map((mark) => ({ ...mark, start: offset(mark.start), end: offset(mark.end) }));
  const labelled = (key: 'label' | 'class') =>
    spans.map((span) => ({ label: span[key], start: span.start, end: span.end })).sort(compareSpans);
  return {
    name,
    text: written,
    spans: { ner: labelled('label'), class: labelled('class') },
    codes: spans
      .map(({ start, end, code }) => ({ start, end, text: points.slice(start, end), code }))
      .sort((a, b) => a.start - b.start || a.end - b.end),
  };
}

const rewrite: Record<Writing, (text: string) => string> = {
  plain: (text) => text,
  message: (text) => text,
  mark: (text) => `\ufeff${text}`,
  returns: (text) => text.replaceAll('\n', '\r\n'),
  combining: (text) => text.normalize('NFD'),
};
