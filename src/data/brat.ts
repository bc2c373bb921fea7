import { InputError } from '../errors.js';
import { codePoints, type CodePoints } from './codepoints.js';
import { compareSpans, type Span } from './document.js';
import { report, type Fault, type FaultKind } from './fault.js';
import { explainOffsets } from './offsets.js';

export { codePoints, type CodePoints } from './codepoints.js';
export type { Fault } from './fault.js';

export interface Annotations {
  /** Sorted by start, then end, then label; no duplicates. */
  spans: Span[];
  faults: Fault[];
  /** Whether the lines of the file were in order of start. */
  sorted: boolean;
}

export interface ParseOptions {
  /** List errors among the faults and go on, instead of throwing at the first. */
  tolerant?: boolean;
}

/**
 * Reads the text-bound annotations (T lines) of a brat standoff file; relations, events, attributes,
 * normalizations and notes are ignored. With `text`, every span is checked against it.
 * @throws InputError naming file and line, unless `tolerant`: a line that is no annotation, fields or
 * offsets that cannot be read, offsets past the text, a text field that is not the text at the offsets.
 * @see https://brat.nlplab.org/standoff.html
 */
export function parseAnnotations(
  content: string,
  file: string,
  text?: string,
  { tolerant = false }: ParseOptions = {},
): Annotations {
  const points = text === undefined ? undefined : codePoints(text);
  const spans: Span[] = [];
  const faults: Fault[] = [];
  const seen = new Set<string>();
  let sorted = true;
  let previous = 0;

  const lines = content.replace(/^\ufeff/, '').split('\n');
  for (const [index, line] of lines.entries()) {
    const parsed = parseLine(line.replace(/\r$/, ''), points, text);
    if (parsed === undefined) continue;
    if ('kind' in parsed) {
      report(faults, { file, line: index + 1, ...parsed }, tolerant);
      continue;
    }
    const key = `${parsed.label} ${parsed.start} ${parsed.end}`;
    if (seen.has(key)) {
      const message = `${key} is already annotated on an earlier line; taken once.`;
      faults.push({ file, line: index + 1, kind: 'duplicate', severity: 'warning', message });
      continue;
    }
    seen.add(key);
    sorted &&= parsed.start >= previous;
    previous = parsed.start;
    spans.push(parsed);
  }
  return { spans: spans.sort(compareSpans), faults, sorted };
}

/**
 * Writes spans as the T lines of a brat file, in the order given, each with its exact slice of `text`;
 * line breaks and tabs in a slice become spaces, as brat writes them. No spans give an empty string.
 * @throws InputError for a span outside the text.
 */
export function formatAnnotations(spans: readonly Span[], text: string): string {
  const points = codePoints(text);
  return spans
    .map(({ label, start, end }, index) => {
      if (!(start >= 0 && start < end && end <= points.length))
        throw new InputError(
          `The span ${label} ${start} ${end} does not fit a text of ${points.length} characters.`,
        );
      return `T${index + 1}\t${label} ${start} ${end}\t${onOneLine(points.slice(start, end))}\n`;
    })
    .join('');
}

type LineFault = Pick<Fault, 'kind' | 'severity' | 'message'>;

function parseLine(line: string, points?: CodePoints, text?: string): Span | LineFault | undefined {
  if (line.trim() === '' || /^(#|\*|[REAMN]\d+\s)/.test(line)) return undefined;
  if (!/^T\d+(\s|$)/.test(line))
    return error('line', `${quote(line)} is not a brat annotation (an identifier like T1 comes first).`);
  const match = /^T\d+\t([^\t]*)\t(.*)$/s.exec(line);
  if (match === null)
    return error(
      'fields',
      `${quote(line)} needs three fields separated by tabs: identifier, label with offsets, text.`,
    );
  const [, type, written] = match as unknown as [string, string, string];
  const [label, ...offsets] = type.trim().split(/ +/);
  const where = offsets.join(' ');
  if (/^\d+ \d+(;\d+ \d+)+$/.test(where)) {
    const message = `${label} ${where} is a discontinuous span; skipped, as the task has none.`;
    return { kind: 'discontinuous', severity: 'warning', message };
  }
  if (!/^\d+ \d+$/.test(where))
    return error('offsets', `${quote(type)} is not a label followed by two whole numbers, start and end.`);
  const span: Span = { label: label!, start: Number(offsets[0]), end: Number(offsets[1]) };
  return (points && text !== undefined ? misfit(span, written, points, text) : emptySpan(span)) ?? span;
}

function emptySpan({ label, start, end }: Span): LineFault | undefined {
  if (start < end) return undefined;
  return error('offsets', `${label} ${start} ${end} ends where it starts or before; the end is exclusive.`);
}

function misfit(span: Span, written: string, points: CodePoints, text: string): LineFault | undefined {
  const { label, start, end } = span;
  const empty = emptySpan(span);
  if (empty) return empty;
  const hint = () => explainOffsets(text, span, written);
  if (end > points.length)
    return error(
      'offsets',
      `${label} ${start} ${end} points past the text's ${points.length} characters.${hint()}`,
    );
  const slice = points.slice(start, end);
  if (evenSpaces(slice) === evenSpaces(written)) return undefined;
  return error(
    'slice',
    `${label} ${start} ${end} is ${quote(slice)} in the text, but the line says ${quote(written)}.${hint()}`,
  );
}

const error = (kind: FaultKind, message: string): LineFault => ({ kind, severity: 'error', message });

/** brat writes line breaks inside a span as spaces; tabs would break the line, too. */
const onOneLine = (text: string) => text.replace(/[\n\r\t]/g, ' ');

/** Tools differ in how they write white space inside a span: it does not count when texts are compared. */
const evenSpaces = (text: string) => text.replace(/\s+/g, ' ');

const quote = (text: string) => JSON.stringify(text.length > 120 ? `${text.slice(0, 120)}…` : text);
