import { NORM } from '../config/choices.js';
import { spanAt, type CodedSpan, type Document, type Span } from '../data/document.js';
import { readCodes } from '../data/norm.js';
import type { NormEntry } from '../eval/norm.js';
import type { DocumentCandidates } from '../formats/candidates.js';
import type { Codings } from '../formats/codings.js';
import { codingKey } from '../runFolder/codings.js';
import type { FinishedRun } from '../runFolder/finished.js';
import type { Documents, MentionCoding, ReportSpan } from './data.js';

/** Whose predictions a report shows: a run, under a name. */
export interface System {
  name: string;
  run: FinishedRun;
  codings?: Codings;
  /** Scores of the spans that it found, by document, as far as they are kept. */
  scores?: ReadonlyMap<string, DocumentCandidates>;
}

/** The documents with gold and predicted spans of every track, and what is known of the codes. */
export async function documentsOf(
  heldOut: readonly Document[],
  systems: readonly System[],
): Promise<Documents> {
  const [{ run }] = systems as [System];
  const tasks = Object.keys(run.config.tasks);
  const hasCodes = systems.every((system) => system.run.predictions.rows !== undefined);
  const { codings, place } = placedCodings(systems);
  const spans = (list: readonly Span[]) =>
    list.map(({ start, end, label }): ReportSpan => [start, end, label]);
  const predictedRows = systems.map((system) => byDocument(system.run.predictions.rows ?? []));
  const documents = heldOut.map((document): Documents['documents'][number] => {
    const { name, text, codes } = document;
    const coded = (list: readonly CodedSpan[], own: Record<string, readonly Span[]>) =>
      list.map((span): ReportSpan => [span.start, span.end, span.code, ...place(span, own)]);
    return {
      name,
      text,
      gold: [
        ...tasks.map((task) => spans(document.spans[task]!)),
        ...(hasCodes ? [coded(codes, document.spans)] : []),
      ],
      predicted: systems.map((system, i) => {
        const own = Object.fromEntries(
          tasks.map((task) => [task, system.run.predictions.spans[task]!.get(name) ?? []]),
        );
        const rows = codes.length === 0 ? [] : (predictedRows[i]!.get(name) ?? []); // as in the scores
        const found = system.scores?.get(name)?.found ?? {};
        const scored = tasks.map((task) => withScores(spans(own[task]!), found[task] ?? []));
        return [...scored, ...(hasCodes ? [coded(rows, own)] : [])];
      }),
    };
  });
  const norm = tasks.length;
  const used = documents.flatMap(({ gold, predicted }) =>
    [gold, ...predicted].flatMap((tracks) => tracks[norm] ?? []),
  );
  const codes = [...new Set(used.map(([, , code]) => code))].sort();
  return {
    tracks: [
      ...tasks.map((task) => ({ track: task, labels: run.config.tasks[task]!.labels })),
      ...(hasCodes ? [{ track: NORM, labels: codes }] : []),
    ],
    systems: systems.map(({ name }) => name),
    documents,
    concepts: hasCodes ? await conceptNames(run, codings, codes) : {},
    codings,
  };
}

function withScores(spans: ReportSpan[], found: DocumentCandidates['found'][string]): ReportSpan[] {
  const scores = new Map(found.map(([start, end, label, score]) => [`${label} ${start} ${end}`, score]));
  return spans.map(([start, end, label]): ReportSpan => {
    const score = scores.get(`${label} ${start} ${end}`);
    return score === undefined ? [start, end, label] : [start, end, label, null, Number(score.toFixed(3))];
  });
}

/** What spoke for codes, and where in it a span's is. Of several runs each has its own: then none is shown. */
function placedCodings(systems: readonly System[]) {
  const codings: MentionCoding[] = [];
  const places = new Map<string, number>();
  const { task = '', mentions = [] } = (systems.length === 1 && systems[0]!.codings) || {};
  for (const { text, label, candidates, neighbours } of mentions) {
    places.set(codingKey(text, label), codings.length);
    codings.push({ text, candidates, neighbours });
  }
  const place = ({ start, end, text }: CodedSpan, spans: Record<string, readonly Span[]>): [number] | [] => {
    const at = places.get(codingKey(text, spanAt(spans[task], { start, end })?.label));
    return at === undefined ? [] : [at];
  };
  return { codings, place };
}

/** Codes as spans, by document. */
function byDocument(rows: readonly NormEntry[]): Map<string, CodedSpan[]> {
  const documents = new Map<string, CodedSpan[]>();
  for (const { filename, text, span, code } of rows) {
    const [start, end] = typeof span === 'string' ? span.split(' ').map(Number) : [span.start, span.end];
    if (!documents.has(filename)) documents.set(filename, []);
    documents.get(filename)!.push({ start: start!, end: end!, text, code });
  }
  return documents;
}

/** Names of all codes that are shown. */
async function conceptNames(
  { config }: FinishedRun,
  codings: MentionCoding[],
  codes: string[],
): Promise<Record<string, string>> {
  if (config.data.codes === null) return {};
  const shown = new Set([
    ...codes,
    ...codings.flatMap(({ candidates, neighbours }) =>
      [...candidates, ...neighbours].map(({ code }) => code),
    ),
  ]);
  const names = new Map<string, string>();
  for (const { code, label, alternatives } of await readCodes(config.data.codes))
    if (shown.has(code) && !names.has(code)) names.set(code, label || alternatives[0]!);
  return Object.fromEntries(names);
}
