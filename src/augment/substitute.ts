import { codePoints } from '../data/codepoints.js';
import type { CodedSpan, Document, Span } from '../data/document.js';
import type { Range } from '../data/sentences.js';

/** A mention that can stand for another. */
export interface Substitute {
  text: string;
  /** Its codes in the NORM table. */
  codes: readonly string[];
}

/** A sentence of a document, as a document of its own, and where the span in question is in it. */
export interface Excised {
  document: Omit<Document, 'name'>;
  span: Range;
}

/** What spans of a document become in the sentence: undefined where they are not in it. */
type Shift = <T extends Range>(range: T) => T | undefined;

/** The sentence as it stands. */
export function exciseSentence(document: Document, sentence: Range, span: Range): Excised {
  const shift: Shift = (range) =>
    range.start >= sentence.start && range.end <= sentence.end
      ? { ...range, start: range.start - sentence.start, end: range.end - sentence.start }
      : undefined;
  return {
    document: {
      text: codePoints(document.text).slice(sentence.start, sentence.end),
      spans: mapSpans(document.spans, shift),
      codes: present(document.codes.map(shift)),
    },
    span: shift({ start: span.start, end: span.end })!,
  };
}

/**
 * The sentence with a substitute in place of `span`: what comes after it is shifted, what holds it grows, what
 * has its offsets (another task's label, its codes) goes over to the substitute, with the substitute's codes.
 * The substitute's first letter gets the case of the original's.
 * Undefined where a span begins or ends within the replaced one: nobody knows where it would be.
 */
export function substituteSpan(original: Excised, substitute: Substitute): Excised | undefined {
  const { document, span } = original;
  const points = codePoints(document.text);
  const text = casedAs(substitute.text, points.slice(span.start, span.end));
  const grown = codePoints(text).length - (span.end - span.start);
  if ([...Object.values(document.spans).flat(), ...document.codes].some((other) => cuts(other, span)))
    return undefined;

  const shift: Shift = (range) => {
    if (range.end <= span.start) return range;
    if (range.start >= span.end) return { ...range, start: range.start + grown, end: range.end + grown };
    return { ...range, end: range.end + grown };
  };
  const whole = points.slice(0, span.start) + text + points.slice(span.end, points.length);
  const slices = codePoints(whole);
  const isReplaced = (coded: CodedSpan) => coded.start === span.start && coded.end === span.end;
  const replaced = shift(span)!;
  const codes = [
    ...present(document.codes.filter((coded) => !isReplaced(coded)).map(shift)),
    ...substitute.codes.map((code) => ({ ...replaced, text, code })),
  ].map((coded) => ({ ...coded, text: slices.slice(coded.start, coded.end) }));
  return {
    document: {
      text: whole,
      spans: mapSpans(document.spans, shift),
      codes: codes.sort((a, b) => a.start - b.start || a.end - b.end),
    },
    span: replaced,
  };
}

/** Whether an end of `other` is within `span`, or they cross. */
function cuts(other: Range, span: Range): boolean {
  const apart = other.end <= span.start || other.start >= span.end;
  const holds = other.start <= span.start && other.end >= span.end;
  return !apart && !holds;
}

/** With the case of the model's first letter; a word that begins with two capitals (an acronym) keeps its own. */
function casedAs(text: string, model: string): string {
  const [first = '', second = ''] = text;
  const [wanted = ''] = model;
  const isUpper = (letter: string) => letter !== letter.toLowerCase();
  const isLower = (letter: string) => letter !== letter.toUpperCase();
  if (isUpper(wanted) && isLower(first)) return first.toUpperCase() + text.slice(first.length);
  if (isLower(wanted) && isUpper(first) && !isUpper(second))
    return first.toLowerCase() + text.slice(first.length);
  return text;
}

function mapSpans(spans: Document['spans'], shift: Shift): Record<string, Span[]> {
  return Object.fromEntries(Object.entries(spans).map(([task, all]) => [task, present(all.map(shift))]));
}

function present<T>(values: (T | undefined)[]): T[] {
  return values.filter((value) => value !== undefined);
}
