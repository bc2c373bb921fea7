import { InputError } from '../errors.js';
import { compareStrings, type Document } from './document.js';
import { randomFrom } from './random.js';

type Labelled = Pick<Document, 'name' | 'spans'>;

/**
 * Deals documents out to folds of like size, so that every label, the rarest first, is as often in one as in
 * another, and so are documents without any (iterative stratification: Sechidis and others, 2011).
 * @param groups documents that stay together; they may come in any order
 * @returns names by fold, sorted; each name is in one, and none is empty
 * @throws InputError for more folds than groups
 */
export function drawFolds(
  groups: readonly (readonly Labelled[])[],
  { folds: count, seed }: { folds: number; seed: number },
): string[][] {
  if (groups.length < count)
    throw new InputError(
      `data.folds is ${count}, and the corpus has ${groups.length} ${groups.length === 1 ? 'document' : 'documents'} with different texts: take fewer folds.`,
    );
  const sorted = groups.map(portionOf).sort((a, b) => compareStrings(a.names[0]!, b.names[0]!));
  const size = sorted.reduce((sum, { names }) => sum + names.length, 0);
  const folds = Array.from({ length: count }, (_, i): Fold => ({
    names: [],
    room: Math.floor((size + count - 1 - i) / count),
    strata: new Map(),
  }));
  const left = new Set(randomFrom(seed).shuffle(sorted));
  while (left.size > 0) {
    const stratum = rarest(left);
    const having = [...left].filter(({ strata }) => strata.has(stratum));
    having.sort((a, b) => b.strata.get(stratum)! - a.strata.get(stratum)!);
    for (const portion of having) {
      put(portion, chooseFold(portion, stratum, folds, left.size));
      left.delete(portion);
    }
  }
  return folds.map(({ names }) => names.sort(compareStrings));
}

/** Documents that stay together, and how often each stratum is in them. */
interface Portion {
  names: string[];
  strata: Map<string, number>;
}

interface Fold extends Portion {
  /** How many documents it still takes. */
  room: number;
}

/** Strata are the labels of each task, counted by spans, and documents without any. */
function portionOf(documents: readonly Labelled[]): Portion {
  const strata = new Map<string, number>();
  const count = (stratum: string) => strata.set(stratum, (strata.get(stratum) ?? 0) + 1);
  for (const { spans } of documents) {
    const labels = Object.entries(spans).flatMap(([task, own]) => own.map(({ label }) => `${task} ${label}`));
    if (labels.length === 0) count('');
    for (const label of labels) count(label);
  }
  return { names: documents.map(({ name }) => name).sort(compareStrings), strata };
}

/** The stratum that is least often in what is left. */
function rarest(portions: Iterable<Portion>): string {
  const counts = new Map<string, number>();
  for (const { strata } of portions)
    for (const [stratum, count] of strata) counts.set(stratum, (counts.get(stratum) ?? 0) + count);
  const byCount = [...counts].sort(([a, many], [b, more]) => many - more || compareStrings(a, b));
  return byCount[0]![0];
}

/** The fold that lacks most of a stratum, among those with room; with most room, where several do. */
function chooseFold({ names }: Portion, stratum: string, folds: readonly Fold[], left: number): Fold {
  const empty = folds.filter((fold) => fold.names.length === 0);
  const open = left <= empty.length ? empty : folds;
  const roomy = open.filter(({ room }) => room >= names.length);
  const count = ({ strata }: Fold) => strata.get(stratum) ?? 0;
  return (roomy.length > 0 ? roomy : open).reduce((best, fold) =>
    count(fold) < count(best) || (count(fold) === count(best) && fold.room > best.room) ? fold : best,
  );
}

function put({ names, strata }: Portion, fold: Fold): void {
  for (const name of names) fold.names.push(name);
  fold.room -= names.length;
  for (const [stratum, count] of strata) fold.strata.set(stratum, (fold.strata.get(stratum) ?? 0) + count);
}
