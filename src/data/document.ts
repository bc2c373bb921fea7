/** A labelled stretch of text. Offsets are Unicode code points into the file as it stands; `end` is exclusive. */
export interface Span {
  label: string;
  start: number;
  end: number;
}

/** A span that a model finds. */
export interface FoundSpan extends Span {
  /** How probable it is to the model: 0 to 1. What of, its head says. */
  score: number;
}

/**
 * A span that some thresholds of its label give: those greater than `above`, up to `upTo`. At others it is not found, or
 * is a longer or a shorter one.
 */
export interface CandidateSpan extends FoundSpan {
  above: number;
  upTo: number;
}

/** A span with the code of a terminology (ESCO, SNOMED CT), from the NORM table. */
export interface CodedSpan {
  start: number;
  end: number;
  text: string;
  code: string;
}

/** A text with its annotations. `text` is the whole file, byte order mark included. */
export interface Document {
  name: string;
  text: string;
  /** Per task, sorted by start, then end, then label. */
  spans: Record<string, Span[]>;
  codes: CodedSpan[];
}

/**
 * The span that has such offsets: where several have, with other labels, the first, for all who ask.
 * @param spans of one task, in the order of `compareSpans`
 */
export function spanAt<S extends Pick<Span, 'start' | 'end'>>(
  spans: readonly S[] | undefined,
  { start, end }: Pick<Span, 'start' | 'end'>,
): S | undefined {
  return spans?.find((span) => span.start === start && span.end === end);
}

/** Order of spans in a document: by start, then end, then label (code units). */
export function compareSpans(a: Span, b: Span): number {
  return a.start - b.start || a.end - b.end || compareStrings(a.label, b.label);
}

/** Order of names and labels everywhere: by UTF-16 code units, the same on every machine and locale. */
export function compareStrings(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
