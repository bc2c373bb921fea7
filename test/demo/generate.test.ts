import { describe, expect, test } from '@jest/globals';
import { codePoints } from '../../src/data/codepoints.js';
import * as clinical from '../../src/demo/clinicalSentences.js';
import type { Family } from '../../src/demo/families.js';
import { generateCorpus } from '../../src/demo/generate.js';
import { forms } from '../../src/demo/grammar.js';
import { lexicon } from '../../src/demo/lexicon.js';
import * as patients from '../../src/demo/patientSentences.js';
import * as people from '../../src/demo/peopleSentences.js';

const corpus = generateCorpus({ seed: 1, documents: 300 });
const { documents, codes, split, origins } = corpus;
const training = documents.filter(({ name }) => split.training.includes(name));
const validation = documents.filter(({ name }) => split.validation.includes(name));

const used = (names: string[], what: 'templates' | 'words') =>
  new Set(names.flatMap((name) => origins[name]![what]));
const difference = <T>(a: Set<T>, b: Set<T>) => [...a].filter((item) => !b.has(item));

/** Number of spans of every label of a task. */
function labelCounts(task: string, among = documents): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { label } of among.flatMap(({ spans }) => spans[task]!))
    counts[label] = (counts[label] ?? 0) + 1;
  return counts;
}

describe('a demo corpus', () => {
  test('is the same for the same seed and another for another', () => {
    expect(generateCorpus({ seed: 1, documents: 300 })).toEqual(corpus);
    expect(generateCorpus({ seed: 2, documents: 300 }).documents[0]!.text).not.toBe(documents[0]!.text);
  });

  test('has as many documents as asked for, by name in order of code units, no two texts alike', () => {
    const names = documents.map(({ name }) => name);
    expect(new Set(names).size).toBe(300);
    expect(names).toEqual([...names].sort());
    expect(new Set(documents.map(({ text }) => text)).size).toBe(300);
  });

  test('has documents of 5 to 15 sentences', () => {
    const lengths = documents.map(
      ({ text }) =>
        text
          .split('\n')
          .join(' ')
          .match(/(?<!\d)\.(?=»?\s)|»\.|(?<=\d)\.(?=\s)/g)!.length,
    );
    expect(Math.min(...lengths)).toBeGreaterThanOrEqual(5);
    expect(Math.max(...lengths)).toBeLessThanOrEqual(15);
  });

  test('has the same spans in both tasks', () => {
    for (const { spans } of documents) {
      const offsets = (task: string) => spans[task]!.map(({ start, end }) => `${start} ${end}`).sort();
      expect(offsets('class')).toEqual(offsets('ner'));
    }
  });

  test('has a code of the table for every span, with the text between its offsets', () => {
    const known = new Set(codes.map(({ code }) => code));
    for (const { text, spans, codes: coded } of documents) {
      const points = codePoints(text);
      expect(coded.map(({ start, end }) => [start, end])).toEqual(
        spans.ner!.map(({ start, end }) => [start, end]),
      );
      for (const { start, end, text: slice, code } of coded) {
        expect(points.slice(start, end)).toBe(slice);
        expect(known).toContain(code);
      }
    }
  });

  test('has spans that begin and end with a word of the lexicon', () => {
    const words = new Set(
      Object.values(lexicon)
        .flatMap(({ known, unseen }) => [...known, ...unseen])
        .flatMap(({ text, long = [] }) => [text, ...long])
        .filter((text) => !text.includes('['))
        .flatMap(forms)
        .map((form) => form.toLowerCase()),
    );
    const texts = documents.flatMap(({ codes: coded }) => coded.map(({ text }) => text));
    const plain = texts.map((text) => text.normalize('NFC').toLowerCase()).filter((text) => !words.has(text));
    // What is left holds another span.
    for (const text of plain) expect(text).toMatch(/^(fue despedid|perdió su|dejó su|toca la guitarra y)/);
  });

  test.each([
    ['ner', 'PROFESION', 0.69],
    ['ner', 'SITUACION_LABORAL', 0.27],
    ['ner', 'ACTIVIDAD', 0.04],
    ['class', 'PACIENTE', 0.48],
    ['class', 'SANITARIO', 0.34],
    ['class', 'OTROS', 0.12],
    ['class', 'FAMILIAR', 0.07],
  ])('has about the share of %s %s that the real one has', (task, label, share) => {
    const counts = labelCounts(task);
    const all = Object.values(counts).reduce((sum, count) => sum + count, 0);
    expect(Math.abs(counts[label]! / all - share)).toBeLessThan(0.05);
    expect(labelCounts(task, validation)[label]).toBeGreaterThan(0);
  });

  test('has documents without a span, nested spans and spans side by side', () => {
    const empty = documents.filter(({ spans }) => spans.ner!.length === 0);
    expect(empty.length / documents.length).toBeGreaterThan(0.1);
    const neighbours = documents.flatMap(({ spans }) =>
      spans.ner!.slice(1).map((span, i) => [spans.ner![i]!, span] as const),
    );
    expect(neighbours.some(([a, b]) => b.start < a.end)).toBe(true);
    expect(neighbours.some(([a, b]) => b.start === a.end + 1)).toBe(true);
  });

  test('uses words of occupations in other senses', () => {
    const unmarked = documents.map(({ text, spans }) =>
      spans.ner!.reduceRight((rest, { start, end }) => rest.slice(0, start) + rest.slice(end), text),
    );
    for (const word of ['médico', 'baja', 'paro', 'trabajo', 'retirado', 'mecánico', 'Neurología'])
      expect(unmarked.some((text) => new RegExp(`(?<!\\p{L})${word}(?!\\p{L})`, 'u').test(text))).toBe(true);
  });
});

describe('the split of a demo corpus', () => {
  test('holds out a fifth of the documents, or the share asked for', () => {
    expect([training.length, validation.length]).toEqual([240, 60]);
    const half = generateCorpus({ seed: 1, documents: 10, validationShare: 0.5 }).split;
    expect([half.training.length, half.validation.length]).toEqual([5, 5]);
  });

  test('keeps templates and words for validation', () => {
    const templates = difference(used(split.validation, 'templates'), used(split.training, 'templates'));
    expect(templates.length).toBeGreaterThan(20);
    const words = difference(used(split.validation, 'words'), used(split.training, 'words'));
    expect(words.length).toBeGreaterThan(20);
  });

  test('never shows training a template that is held out', () => {
    const families: Family[] = [
      ...Object.values({ ...people, ...clinical }).flat(),
      ...Object.values(patients.patientFamilies).flatMap((family) => Object.values(family)),
      patients.activityFamily,
    ];
    const templates = used(split.training, 'templates');
    const unseen = families.flatMap((family) => family.unseen ?? []);
    expect(unseen.length).toBeGreaterThan(50);
    expect(unseen.filter((template) => templates.has(template))).toEqual([]);
  });

  test('never shows training a word that is held out, in any sense', () => {
    const unseen = Object.values(lexicon)
      .flatMap((words) => words.unseen)
      .map(({ text }) => text)
      .filter((text) => !text.includes('['))
      .flatMap(forms);
    expect(unseen.length).toBeGreaterThan(50);
    const texts = training.map(({ text }) => text.normalize('NFC')).join('\n');
    const stands = (word: string) => new RegExp(`(?<!\\p{L})${word}(?!\\p{L})`, 'iu').test(texts);
    expect(unseen.filter(stands)).toEqual([]);
  });

  test('shows validation most of what training has', () => {
    const known = used(split.training, 'words');
    const seen = split.validation.flatMap((name) => origins[name]!.words);
    expect(seen.filter((word) => known.has(word)).length / seen.length).toBeGreaterThan(0.6);
  });
});

describe('the texts of a demo corpus', () => {
  const particular: [string, RegExp][] = [
    ['begin with a byte order mark', /^\ufeff/],
    ['end their lines with CR LF', /\r\n/],
    ['have combining marks', /\p{Mn}/u],
    ['have characters beyond U+FFFF', /[\ud800-\udbff][\udc00-\udfff]/],
  ];
  test.each(particular)('%s in a few documents', (_, pattern) => {
    const few = documents.filter(({ text }) => pattern.test(text));
    expect(few.length).toBeGreaterThanOrEqual(2);
    expect(few.length).toBeLessThan(documents.length / 20);
    expect(few.some(({ spans }) => spans.ner!.length > 0)).toBe(true);
  });

  test('have spans after an emoji, with offsets in code points', () => {
    const coded = documents
      .filter(({ text }) => particular[3]![1].test(text))
      .flatMap(({ text, codes: all }) => all.map((one) => ({ ...one, from: text.indexOf(one.text) })));
    expect(coded.some(({ start, from }) => start === from - 1)).toBe(true);
  });

  test('have no trace of the notation, no double space and no "a el" or "de el"', () => {
    for (const { text } of documents) {
      expect(text).not.toMatch(/[[\]{}<>|]|\bundefined\b| {2}| [.,;]|\b(a|de) el\b/);
      expect(text.normalize('NFC')).not.toMatch(/(?<!\p{L})(y h?i(?![aeo])|o h?o)\p{L}+/iu);
    }
  });

  test('begin every sentence with a capital letter', () => {
    for (const { text } of documents) expect(text).not.toMatch(/\. \p{Ll}/u);
  });
});

test('a corpus of one document is refused', () => {
  expect(() => generateCorpus({ seed: 1, documents: 1 })).toThrow(
    'documents needs a whole number, 2 or more',
  );
});

test('the smallest corpora have both sides', () => {
  const { split: small } = generateCorpus({ seed: 1, documents: 2 });
  expect([small.training.length, small.validation.length]).toEqual([1, 1]);
});
