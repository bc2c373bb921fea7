import { codePoints, type CodePoints } from '../codepoints.js';
import { compareSpans, type CodedSpan, type Document, type Span } from '../document.js';
import { report, type FaultKind } from '../fault.js';
import { lookalikeHint, lookalikes } from '../names.js';
import { canBeFile } from '../write.js';
import { count, UNKNOWN_LABELS, type Reading } from './format.js';

/** A document as a file has it that knows no tasks: spans of any label, offsets in the format's unit. */
export interface ListedDocument {
  name: string;
  text: string;
  /** Where it stands. */
  file: string;
  line?: number;
  spans: Listed<Span>[];
  codes: Listed<Omit<CodedSpan, 'text'>>[];
}

/** With the line it stands in, where that is not the document's, or what else names it: "element 13". */
export type Listed<T> = T & { line?: number; element?: string };

/**
 * Makes documents of what files list: a span is of every task that lists its label. Faults: a name that another
 * document has or no file can have, offsets that do not fit the text, spans that stand twice, labels of no task.
 */
export async function* documentsOf(
  listed: AsyncIterable<ListedDocument>,
  unit: 'code points' | 'UTF-16 units',
  corpus: string,
  reading: Reading,
): AsyncGenerator<Document> {
  const names = new Map<string, string>(); // with the place
  const unknown = new Map<string, number>();
  for await (const document of listed) {
    const { name, text, file, line } = document;
    const problem = nameProblem(name, names);
    if (problem !== undefined) {
      report(reading.faults, { file, line, kind: 'name', severity: 'error', message: problem }, reading.tolerant); // prettier-ignore
      continue;
    }
    if (/\p{Surrogate}/u.test(text)) {
      const message = `the text of ${name} has half of a character in it (\\ud800 to \\udfff); correct it.`;
      report(reading.faults, { file, line, kind: 'encoding', severity: 'error', message }, reading.tolerant); // prettier-ignore
      continue;
    }
    names.set(name, line === undefined ? file : `${file}:${line}`);
    if (Object.keys(reading.tasks).length === 0) {
      yield { name, text, spans: {}, codes: [] }; // nobody asks what is annotated
      continue;
    }
    const points = codePoints(text);
    const placed = <T extends Listed<Range>>(all: T[], nameOf: (one: T) => string) =>
      all.flatMap((one) => inCodePoints(one, nameOf(one), { document, points, unit }, reading) ?? []);
    const spans = unique(
      placed(document.spans, ({ label }) => label),
      document,
      reading,
    );
    for (const { label } of spans)
      if (!isListed(label, reading)) unknown.set(label, (unknown.get(label) ?? 0) + 1);
    const codes = placed(document.codes, ({ code }) => `the code ${code}`);
    yield {
      name,
      text,
      spans: byTask(spans, reading),
      codes: codes.map(({ start, end, code }) => ({ start, end, text: points.slice(start, end), code })),
    };
  }
  reportUnknown(unknown, corpus, reading);
}

interface Range {
  start: number;
  end: number;
}

function nameProblem(name: string, names: ReadonlyMap<string, string>): string | undefined {
  const earlier = names.get(name);
  if (earlier !== undefined) return `the document ${name} stands in ${earlier} too; rename one.`;
  if (canBeFile(name)) return undefined;
  return `the document name ${JSON.stringify(name)} cannot be a file name; rename it.`;
}

/** With offsets in code points; undefined, and a fault, where they do not fit the text. */
function inCodePoints<T extends Listed<Range>>(
  one: T,
  called: string,
  { document, points, unit }: { document: ListedDocument; points: CodePoints; unit: string },
  reading: Reading,
): T | undefined {
  const { start, end } = one;
  const inUnits = unit === 'UTF-16 units';
  const length = inUnits ? document.text.length : points.length;
  const [from, to] = inUnits ? [points.fromUtf16(start), points.fromUtf16(end)] : [start, end];
  const fail = (why: string) => fault(document, one, 'offsets', `${called} ${start} ${end} ${why}`, reading);
  if (![start, end].every((offset) => Number.isInteger(offset) && offset >= 0))
    return fail('has offsets that are no whole numbers, 0 or more.');
  if (start >= end) return fail('ends where it starts or before; the end is exclusive.');
  if (end > length)
    return fail(`points past the ${length} ${inUnits ? unit : 'characters'} of ${document.name}.`);
  if (inUnits && (points.toUtf16(from) !== start || points.toUtf16(to) !== end))
    return fail(`begins or ends inside of a character; offsets count ${unit}.`);
  return { ...one, start: from, end: to };
}

/** In order; what stands twice once. */
function unique(spans: Listed<Span>[], document: ListedDocument, reading: Reading): Span[] {
  const seen = new Map<string, Span>();
  for (const span of spans) {
    const { label, start, end } = span;
    const key = `${label} ${start} ${end}`;
    if (!seen.has(key)) seen.set(key, { label, start, end });
    else fault(document, span, 'duplicate', `${key} stands twice in ${document.name}; taken once.`, reading);
  }
  return [...seen.values()].sort(compareSpans);
}

function fault(
  { file, line }: ListedDocument,
  at: { line?: number; element?: string },
  kind: FaultKind,
  message: string,
  { faults, tolerant }: Reading,
): undefined {
  const element = at.element === undefined ? '' : `${at.element}: `;
  const severity = kind === 'duplicate' ? 'warning' : 'error';
  report(faults, { file, line: at.line ?? line, kind, severity, message: `${element}${message}` }, tolerant);
}

function byTask(spans: readonly Span[], { tasks }: Reading): Document['spans'] {
  const ofLabels = (labels: readonly string[]) => spans.filter(({ label }) => labels.includes(label));
  return Object.fromEntries(Object.entries(tasks).map(([task, { labels }]) => [task, ofLabels(labels)]));
}

const isListed = (label: string, { tasks }: Reading) =>
  Object.values(tasks).some(({ labels }) => labels.includes(label));

function reportUnknown(unknown: ReadonlyMap<string, number>, corpus: string, reading: Reading): void {
  const listed = lookalikes(Object.values(reading.tasks).flatMap(({ labels }) => labels));
  for (const [label, number] of unknown) {
    count(reading.passedOver, UNKNOWN_LABELS, number);
    const spans = number === 1 ? '1 span has' : `${number} spans have`;
    const rule = /[\s;]/.test(label) ? ' A label that a task lists has no spaces and no semicolons.' : '';
    const hint = lookalikeHint(listed(label), 'One that is listed');
    const message = `${spans} the label ${JSON.stringify(label)}, which no task lists; ignored.${rule}${hint}`;
    reading.faults.push({ file: corpus, kind: 'label', severity: 'warning', message });
  }
}
