import { codePoints } from '../codepoints.js';
import type { Document } from '../document.js';
import { report } from '../fault.js';
import type { ListedDocument, Listed } from './documents.js';
import { count, type Reading } from './format.js';
import { spansOfAll } from './jsonl.js';

/** A UIMA CAS, as far as spans go; offsets in UTF-16 units. */
export interface Cas {
  /** Texts; a view has one. */
  sofas: Sofa[];
  /** Of a view, in the order of the file. */
  annotations: Annotation[];
}

export interface Sofa {
  id: string;
  view: string;
  text: string | undefined;
}

export interface Annotation {
  /** With its package: de.tudarmstadt.….NamedEntity */
  type: string;
  id: string;
  sofa: string;
  begin: number;
  end: number;
  /** Those that are strings. In XMI all are, references too. */
  features: Record<string, string>;
  line?: number;
}

/** INCEpTION's layer of spans that everybody has. */
export const NAMED_ENTITY = 'de.tudarmstadt.ukp.dkpro.core.api.ner.type.NamedEntity';
/** Layers that a project makes of its own. */
const CUSTOM = 'webanno.custom.';
/** What says how a text is cut, or of the document as a whole. */
const OF_TEXT =
  /^uima\.|^de\.tudarmstadt\.ukp\.dkpro\.core\.api\.(segmentation|metadata)\.|^de\.tudarmstadt\.ukp\.clarin\.webanno\.api\.type\./;

/** Whether an annotation may be a span: the others need not be kept. */
export function maySpan(type: string): boolean {
  return type === NAMED_ENTITY || type.startsWith(CUSTOM);
}

/** Counts an annotation of a type that has no spans. */
export function passOver(type: string, { passedOver }: Pick<Reading, 'passedOver'>): void {
  if (!OF_TEXT.test(type)) count(passedOver, `annotations of the type ${type}`, 1);
}

/** The document of a CAS: the text of its first view, spans by their values; none, and a fault, where it has no text. */
export function documentOfCas(
  { sofas, annotations }: Cas,
  { name, file }: { name: string; file: string },
  reading: Reading,
): ListedDocument[] {
  const texts = sofas.filter(({ text }) => text !== undefined);
  const sofa = texts.find(({ view }) => view === '_InitialView') ?? texts[0];
  if (sofa === undefined) {
    const message = 'it has no text: no Sofa with a sofaString.';
    report(reading.faults, { file, kind: 'fields', severity: 'error', message }, reading.tolerant);
    return [];
  }
  const document: ListedDocument = { name, file, text: sofa.text!, spans: [], codes: [] };
  const labels = new Set(Object.values(reading.tasks).flatMap((task) => task.labels));
  const codes = new Map<string, Listed<{ start: number; end: number; code: string }>>();
  for (const annotation of annotations) {
    const { begin: start, end, features, id, line } = annotation;
    const place = { start, end, element: `element ${id}`, ...(line === undefined ? undefined : { line }) };
    if (annotation.sofa !== sofa.id) count(reading.passedOver, 'annotations of other views', 1);
    else if ('Governor' in features && 'Dependent' in features) count(reading.passedOver, 'relations', 1);
    else {
      const values = labelsOf(annotation, labels);
      for (const label of values) document.spans.push({ ...place, label });
      const { identifier } = features;
      if (identifier) codes.set(`${start} ${end} ${identifier}`, { ...place, code: identifier });
      else if (values.length === 0) count(reading.passedOver, 'spans without a value', 1);
    }
  }
  document.codes = [...codes.values()];
  return [document];
}

/** The values that are labels of a task; where none is, the one that looks like a label. */
function labelsOf({ features }: Annotation, labels: ReadonlySet<string>): string[] {
  const values = Object.entries(features).filter(([key, value]) => key !== 'identifier' && value !== '');
  const known = values.filter(([, value]) => labels.has(value));
  if (known.length > 0) return [...new Set(known.map(([, value]) => value))];
  const named = values.find(([key]) => key === 'value' || key === 'label') ?? (values.length === 1 ? values[0] : undefined); // prettier-ignore
  return named ? [named[1]] : [];
}

/** A span or a code as one annotation; offsets in UTF-16 units. */
export interface NamedEntity {
  begin: number;
  end: number;
  value?: string;
  identifier?: string;
}

/** A document's spans, with their codes, and codes that no span has; by their places. */
export function namedEntities(document: Document): NamedEntity[] {
  const { toUtf16 } = codePoints(document.text);
  const place = ({ start, end }: { start: number; end: number }) => ({
    begin: toUtf16(start),
    end: toUtf16(end),
  });
  const keyOf = ({ start, end }: { start: number; end: number }) => `${start} ${end}`;
  const firstCodes = new Map(document.codes.toReversed().map((coded) => [keyOf(coded), coded]));
  const left = new Set(document.codes);
  const spans = spansOfAll(document).map((span): NamedEntity => {
    const coded = firstCodes.get(keyOf(span));
    if (coded) left.delete(coded);
    return { ...place(span), value: span.label, ...(coded ? { identifier: coded.code } : undefined) };
  });
  const codes = [...left].map((coded): NamedEntity => ({ ...place(coded), identifier: coded.code }));
  return [...spans, ...codes].sort((a, b) => a.begin - b.begin || a.end - b.end);
}
