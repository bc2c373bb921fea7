import { InputError } from '../errors.js';
import { codePoints, type CodePoints } from './codepoints.js';
import { compareSpans, type Span } from './document.js';
import { report, type Fault, type FaultKind } from './fault.js';
import { count, type Counted } from './formats/format.js';
import { quoted } from './formats/quoted.js';
import { areOneSpan, fragmentsOf, type Fragment } from './fragments.js';
import { explainOffsets } from './offsets.js';
import { evenSpaces, onOneLine } from './whiteSpace.js';

export interface Annotations {
  /** Sorted by start, then end, then label; no duplicates. */
  spans: Span[];
  faults: Fault[];
  /** Whether the lines of the file were in order of start. */
  sorted: boolean;
  /** Lines of other annotations: relations, notes, … */
  passedOver: Counted;
}

export interface ParseOptions {
  /** List errors among the faults and go on, instead of throwing at the first. */
  tolerant?: boolean;
}

/**
 * Reads the text-bound annotations (T lines) of a brat standoff file; relations, events, attributes,
 * normalizations and notes are ignored. With `text`, every span is checked against it, and fragments with
 * nothing but white space between them are one span; other discontinuous ones are skipped, with a warning.
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
  const identifiers = new Map<string, number>();
  const passedOver: Counted = {};
  let sorted = true;
  let previous = 0;

  const lines = content.replace(/^\ufeff/, '').split('\n');
  for (const [index, raw] of lines.entries()) {
    const line = raw.replace(/\r$/, '');
    if (line.trim() === '') continue;
    const other = OTHERS[/^(?:[#*]|[REAMN](?=\d+\s))/.exec(line)?.[0] ?? ''];
    if (other !== undefined) {
      count(passedOver, other, 1);
      continue;
    }
    const parsed = parseLine(line, points, text);
    if ('kind' in parsed) {
      report(faults, { file, line: index + 1, ...parsed }, tolerant);
      continue;
    }
    const identifier = /^T\d+/.exec(line)![0];
    const earlier = identifiers.get(identifier);
    if (earlier === undefined) identifiers.set(identifier, index + 1);
    else {
      const message = `${identifier} is the identifier of line ${earlier} too; both spans are taken, and brat takes one.`;
      faults.push({ file, line: index + 1, kind: 'identifier', severity: 'warning', message });
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
  return { spans: spans.sort(compareSpans), faults, sorted, passedOver };
}

/**
 * Writes spans as the T lines of a brat file, in the order given, each with its exact slice of `text`;
 * line breaks and tabs in a slice become spaces, as brat writes them. No spans give an empty string. With
 * `fragments` a span over a line end is written as its parts, `33 45;46 53`, as brat opens it.
 * @throws InputError for a span outside the text.
 */
export function formatAnnotations(
  spans: readonly Span[],
  text: string,
  { fragments = false }: { fragments?: boolean } = {},
): string {
  const points = codePoints(text);
  return spans
    .map(({ label, start, end }, index) => {
      if (!(start >= 0 && start < end && end <= points.length))
        throw new InputError(
          `The span ${label} ${start} ${end} does not fit a text of ${points.length} characters.`,
        );
      const parts = fragments ? fragmentsOf({ start, end }, points) : [{ start, end }];
      const offsets = parts.map((part) => `${part.start} ${part.end}`).join(';');
      const slices = parts.map((part) => onOneLine(points.slice(part.start, part.end)));
      return `T${index + 1}\t${label} ${offsets}\t${slices.join(' ')}\n`;
    })
    .join('');
}

/** Annotations that are no spans, by what their identifiers begin with. */
const OTHERS: Record<string, string> = {
  '#': 'notes',
  '*': 'equivalences',
  R: 'relations',
  E: 'events',
  A: 'attributes',
  M: 'attributes',
  N: 'normalizations',
};

type LineFault = Pick<Fault, 'kind' | 'severity' | 'message'>;

function parseLine(line: string, points?: CodePoints, text?: string): Span | LineFault {
  if (!/^T\d+(\s|$)/.test(line))
    return error('line', `${quoted(line)} is not a brat annotation (an identifier like T1 comes first).`);
  const match = /^T\d+\t([^\t]*)\t(.*)$/s.exec(line);
  if (match === null)
    return error(
      'fields',
      `${quoted(line)} needs three fields separated by tabs: identifier, label with offsets, text.`,
    );
  const [, type, written] = match as unknown as [string, string, string];
  const [label, ...offsets] = type.trim().split(/ +/);
  const where = offsets.join(' ');
  if (!/^\d+ \d+(;\d+ \d+)*$/.test(where))
    return error('offsets', `${quoted(type)} is not a label followed by two whole numbers, start and end.`);
  const asWritten = where.split(';').map((part): Fragment => {
    const [start, end] = part.split(' ').map(Number) as [number, number];
    return { start, end };
  });
  const empty = asWritten.find(({ start, end }) => start >= end);
  if (empty)
    return error('offsets', `${label} ${where} ends where it starts or before; the end is exclusive.`);
  const fragments = [...asWritten].sort((a, b) => a.start - b.start);
  const span: Span = { label: label!, start: fragments[0]!.start, end: fragments.at(-1)!.end };
  if (fragments.length > 1 && !(points && areOneSpan(fragments, points))) {
    const message = `${label} ${where} is a discontinuous span; skipped, as the task has none.`;
    return { kind: 'discontinuous', severity: 'warning', message };
  }
  const fault = points && text !== undefined && misfit(span, where, asWritten, written, points, text);
  return fault || span;
}

/** What is wrong with a span by the text; that of fragments may be written a blank apart, in their order or the text's. */
function misfit(
  span: Span,
  where: string,
  fragments: readonly Fragment[],
  written: string,
  points: CodePoints,
  text: string,
): LineFault | undefined {
  const { label, start, end } = span;
  const hint = () => explainOffsets(text, span, written);
  if (end > points.length)
    return error('offsets', `${label} ${where} points past the text's ${points.length} characters.${hint()}`);
  const slice = points.slice(start, end);
  const joined = (parts: readonly Fragment[]) =>
    parts.map((part) => points.slice(part.start, part.end)).join(' ');
  const inOrder = [...fragments].sort((a, b) => a.start - b.start);
  if ([slice, joined(inOrder), joined(fragments)].some((own) => evenSpaces(own) === evenSpaces(written)))
    return undefined;
  return error(
    'slice',
    `${label} ${where} is ${quoted(slice)} in the text, but the line says ${quoted(written)}.${hint()}`,
  );
}

const error = (kind: FaultKind, message: string): LineFault => ({ kind, severity: 'error', message });
