import { pairSpans, type Outcome, type Pair } from '../../../eval/pairs.js';
import type { ScoredSpan } from '../../../eval/spans.js';
import type { Documents, ReportDocument } from '../../data.js';
import { fold, hits } from './search.js';

/** What is looked at. Empty strings let everything through. */
export interface Filter {
  system: number;
  track: number;
  /** A kind of error, `error` for any, `all` for all documents. */
  kind: Outcome | 'error' | 'all';
  label: string;
  document: string;
  text: string;
  order: Order;
}

/** Of documents: as they are, by the surest of their errors, by the least sure of what was predicted in them. */
export const orders = ['corpus', 'surest', 'unsure'] as const;
export type Order = (typeof orders)[number];

export interface Shown {
  documents: ShownDocument[];
  /** Pairs that are looked for, in order: a document's place in the list, and the pair's place in it. */
  stops: { document: number; pair: number }[];
}

export interface ShownDocument {
  document: ReportDocument;
  pairs: Pair[];
  /** By pair: whether it is among what is looked for. */
  matches: boolean[];
  hits: [start: number, end: number][];
}

/** Finds documents and pairs; pairs are made when they are first needed. */
export function createFinder({ tracks, documents }: Documents): (filter: Filter) => Shown {
  const paired = new Map<string, Pair[][]>();
  let folded: string[] | undefined;
  const pairsOf = (system: number, track: number) => {
    const key = `${system} ${track}`;
    if (!paired.has(key))
      paired.set(
        key,
        documents.map((document) => pairDocument(document, system, track, tracks[track]!.labels)),
      );
    return paired.get(key)!;
  };
  return (filter) => {
    const pairs = pairsOf(filter.system, filter.track);
    const name = filter.document.trim().toLowerCase();
    const shown: Shown = { documents: [], stops: [] };
    documents.forEach((document, i) => {
      if (!document.name.toLowerCase().includes(name)) return;
      folded ??= documents.map(({ text }) => fold(text));
      const found = hits(folded[i]!, filter.text);
      if (filter.text.trim() !== '' && found.length === 0) return;
      const matches = pairs[i]!.map((pair) => isLookedFor(pair, filter));
      const needsMatch = filter.kind !== 'all' || filter.label !== '';
      if (needsMatch && !matches.includes(true)) return;
      shown.documents.push({ document, pairs: pairs[i]!, matches, hits: found });
    });
    if (filter.order !== 'corpus') {
      const keys = new Map(shown.documents.map((one) => [one, sortKey(one, filter.order)]));
      shown.documents.sort((a, b) => keys.get(b)! - keys.get(a)!);
    }
    shown.documents.forEach(({ pairs, matches }, document) =>
      pairs.forEach(({ outcome }, pair) => {
        if (matches[pair] && (outcome !== 'correct' || filter.kind === 'correct'))
          shown.stops.push({ document, pair });
      }),
    );
    return shown;
  };
}

/** A document's gold spans and predictions in pairs, in the order of the text. */
export function pairDocument(
  { gold, predicted }: Pick<ReportDocument, 'gold' | 'predicted'>,
  system: number,
  track: number,
  labels: readonly string[],
): Pair[] {
  const spans = (list: ReportDocument['gold'][number]) =>
    list.map(([start, end, label, , score]): ScoredSpan => {
      return score === undefined ? { start, end, label } : { start, end, label, score };
    });
  const first = (pair: Pair) => Math.min(pair.gold?.start ?? Infinity, pair.predicted?.start ?? Infinity);
  return pairSpans(spans(gold[track]!), spans(predicted[system]![track]!), labels).sort(
    (a, b) => first(a) - first(b),
  );
}

/** The greatest score of what is looked for and wrong; or the least of all that is looked for, from 0 down. */
function sortKey({ pairs, matches }: ShownDocument, order: Order): number {
  const scores = pairs.flatMap(({ outcome, predicted }, i) => {
    if (!matches[i] || predicted?.score === undefined) return [];
    if (order === 'surest') return outcome === 'correct' ? [] : [predicted.score];
    return [-predicted.score];
  });
  return Math.max(-2, ...scores);
}

function isLookedFor({ outcome, gold, predicted }: Pair, { kind, label }: Filter): boolean {
  if (kind === 'error' ? outcome === 'correct' : kind !== 'all' && kind !== outcome) return false;
  return label === '' || gold?.label === label || predicted?.label === label;
}
