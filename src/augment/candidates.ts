import { codePoints } from '../data/codepoints.js';
import type { Document, Span } from '../data/document.js';
import type { Random } from '../data/random.js';
import { sentencesOf } from '../data/sentences.js';
import { exciseSentence, substituteSpan, type Excised, type Substitute } from './substitute.js';

/** A mention of a label in a training document, with its sentence. */
export interface Original {
  label: string;
  /** The document's name, and the mention as it stands there. */
  document: string;
  start: number;
  end: number;
  text: string;
  sentence: Excised;
}

/** A sentence with another mention of the same label in place of the original one. */
export interface Candidate {
  original: Original;
  /** The substitute as it is in the new sentence. */
  substitute: string;
  /** Documents that have the substitute. */
  sources: string[];
  /** The sentences of the substitute's mentions. */
  origins: Excised[];
  sentence: Excised;
}

export interface Candidates {
  /** Of the label, in all documents. */
  mentions: number;
  originals: Original[];
  /** Different mentions that may be put in. */
  substitutes: number;
  candidates: Candidate[];
}

export interface CandidateOptions {
  task: string;
  label: string;
  /** Most occurrences of a substitute among the label's mentions. */
  substituteCount: number;
  /** Most candidates that are made of an original. */
  tries: number;
}

/**
 * Puts into the sentence of every mention of a label other mentions of it, drawn at random. Mentions that are
 * alike but for case and white space count as one. Half a bracket is neither put in nor replaced, and nothing
 * is put where one of its words stands beside it already: a language model finds what is repeated likely, as
 * in «ir al gimnasio y a boxear y a boxear». Sentences that the documents have already are left out.
 */
export function makeCandidates(
  documents: readonly Document[],
  { task, label, substituteCount, tries }: CandidateOptions,
  random: Random,
): Candidates {
  const mentions = documents.flatMap((document) => mentionsOf(document, task, label));
  // Where nothing is around a mention anything can stand, and nothing is learned from it.
  const originals = mentions.filter(({ sentence }) => /\p{L}/u.test(aroundSpan(sentence)));
  const substitutes = substitutesOf(mentions).filter(
    ({ count, text }) => count <= substituteCount && isBalanced(text),
  );
  const known = new Set(mentions.map(({ sentence }) => alike(sentence.document.text)));
  const candidates = originals.flatMap((original) => {
    const made: Candidate[] = [];
    const drawn = random.shuffle(substitutes); // for each: leaving one out changes nothing for the others
    if (!isBalanced(original.text)) return made;
    const around = new Set(wordsOf(aroundSpan(original.sentence)));
    for (const { key, text, codes, sources, origins } of drawn) {
      if (made.length === tries) break;
      if (key === alike(original.text) || wordsOf(text).some((word) => around.has(word))) continue;
      const sentence = substituteSpan(original.sentence, { text, codes });
      if (!sentence) break; // the original's fault, not the substitute's
      if (known.has(alike(sentence.document.text))) continue;
      known.add(alike(sentence.document.text));
      const { start, end } = sentence.span;
      const substitute = codePoints(sentence.document.text).slice(start, end);
      made.push({ original, substitute, sources, origins, sentence });
    }
    return made;
  });
  return { mentions: mentions.length, originals, substitutes: substitutes.length, candidates };
}

function mentionsOf(document: Document, task: string, label: string): Original[] {
  const spans = (document.spans[task] ?? []).filter((span) => span.label === label);
  if (spans.length === 0) return [];
  const sentences = sentencesOf(document.text, [...Object.values(document.spans).flat(), ...document.codes]);
  const points = codePoints(document.text);
  return spans.flatMap((span: Span) => {
    const sentence = sentences.find(({ start, end }) => start <= span.start && end >= span.end);
    if (!sentence) return []; // white space at its ends: it is in no sentence
    const { start, end } = span;
    const text = points.slice(start, end);
    return {
      label,
      document: document.name,
      start,
      end,
      text,
      sentence: exciseSentence(document, sentence, span),
    };
  });
}

interface Known extends Substitute, Pick<Candidate, 'sources' | 'origins'> {
  key: string;
  count: number;
}

/** The different mentions, in order of their first occurrence, each with the codes of that one. */
function substitutesOf(mentions: readonly Original[]): Known[] {
  const known = new Map<string, Known>();
  for (const { text, document, sentence } of mentions) {
    const key = alike(text);
    const before = known.get(key);
    if (before) {
      before.count++;
      before.origins.push(sentence);
      if (!before.sources.includes(document)) before.sources.push(document);
      continue;
    }
    const { start, end } = sentence.span;
    const codes = sentence.document.codes
      .filter((coded) => coded.start === start && coded.end === end)
      .map(({ code }) => code);
    known.set(key, { key, text, codes, count: 1, sources: [document], origins: [sentence] });
  }
  return [...known.values()];
}

/** Not half of a bracket or of a quotation, as mentions that were cut short have. */
function isBalanced(text: string): boolean {
  const count = (characters: RegExp) => text.match(characters)?.length ?? 0;
  return count(/[([]/g) === count(/[)\]]/g) && count(/«/g) === count(/»/g) && count(/"/g) % 2 === 0;
}

function aroundSpan({ document, span }: Excised): string {
  const { slice, length } = codePoints(document.text);
  return `${slice(0, span.start)} ${slice(span.end, length)}`;
}

/** Words of four letters or more: shorter ones (de, con, los) may stand anywhere twice. */
function wordsOf(text: string): string[] {
  return alike(text).match(/[\p{L}\p{M}\p{N}]{4,}/gu) ?? [];
}

function alike(text: string): string {
  return text.normalize('NFC').toLowerCase().replace(/\s+/g, ' ');
}
