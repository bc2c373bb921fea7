import { compareStrings, type Document } from './document.js';
import { firstFrom } from './sorted.js';

/**
 * Gathers documents that are one text, or nearly: of the sequences of five words that two have, at least half
 * are in both. What is a twin of a twin is in the group, too. Groups and documents by name, whatever order
 * the documents come in.
 */
export function groupTwins<T extends Pick<Document, 'name' | 'text'>>(documents: readonly T[]): T[][] {
  const sorted = [...documents].sort((a, b) => compareStrings(a.name, b.name));
  const sequences = sorted.map(({ text }) => sequencesOf(text));
  const leader = Int32Array.from(sorted, (_, i) => i);
  const find = (i: number): number => {
    let at = i;
    while (leader[at] !== at) at = leader[at] = leader[leader[at]!]!;
    return at;
  };
  for (const [i, j] of candidates(sorted, sequences))
    if (
      find(i) !== find(j) &&
      (sorted[i]!.text === sorted[j]!.text || areAlike(sequences[i]!, sequences[j]!))
    )
      leader[Math.max(find(i), find(j))] = Math.min(find(i), find(j));
  const groups = new Map<number, T[]>();
  for (const [i, document] of sorted.entries()) {
    if (!groups.has(find(i))) groups.set(find(i), []);
    groups.get(find(i))!.push(document);
  }
  return [...groups.values()];
}

/** The places of texts, those of twins together: groups by their first place. */
export function twinPlaces(texts: readonly string[]): number[][] {
  const groups = groupTwins(texts.map((text, place) => ({ name: String(place), text, place })));
  const places = groups.map((own) => own.map(({ place }) => place).sort((a, b) => a - b));
  return places.sort(([a], [b]) => a! - b!);
}

/** Words that are looked at together. */
const LENGTH = 5;

/** A sequence that more documents have is mostly a set phrase: of it each is held against the one before alone. */
const COMMON = 20;

/** The sequences of words of a text, ascending, each as a number; that two have one by chance is rare, and counts for little. */
function sequencesOf(text: string): Uint32Array {
  const words = (text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []).map(hashWord);
  const all = new Uint32Array(Math.max(1, words.length - LENGTH + 1));
  for (let i = 0; i < all.length; i++) {
    let value = BASIS;
    for (let j = i; j < i + LENGTH; j++) value = mixed(value, words[j] ?? 0);
    all[i] = value;
  }
  all.sort();
  return all.filter((sequence, i) => sequence !== all[i - 1]);
}

/** FNV-1a of 32 bits. */
const BASIS = 0x811c9dc5;
const mixed = (hash: number, value: number) => Math.imul(hash ^ value, 0x01000193);

function hashWord(word: string): number {
  let value = BASIS;
  for (let i = 0; i < word.length; i++) value = mixed(value, word.charCodeAt(i));
  return value;
}

/**
 * Pairs that may be twins: of one text, or with a sequence in common. Of one that many have it is neighbours by
 * name alone: so many copies of a text are gathered, too, as they are neighbours in what only they have.
 */
function* candidates(
  documents: readonly Pick<Document, 'text'>[],
  sequences: readonly Uint32Array[],
): Generator<[number, number]> {
  const texts = new Map<string, number>();
  for (const [i, { text }] of documents.entries())
    if (texts.has(text)) yield [texts.get(text)!, i];
    else texts.set(text, i);
  const count = documents.length;
  const having = havingSequences(sequences);
  const seenBy = new Int32Array(count).fill(-1);
  for (const [i, own] of sequences.entries())
    for (const sequence of own) {
      const [least, above] = [sequence * count, (sequence + 1) * count];
      const next = firstFrom(having, least + i) + 1;
      if (!(having[next]! < above)) continue;
      const end = firstFrom(having, above);
      const isCommon = end - firstFrom(having, least) > COMMON;
      for (const one of having.subarray(next, isCommon ? next + 1 : end)) {
        const j = one - least;
        if (seenBy[j] !== i) yield [i, j];
        seenBy[j] = i;
      }
    }
}

/** Ascending: sequence * documents + the document's number, for each sequence of each. A map would not hold those of many texts. */
function havingSequences(sequences: readonly Uint32Array[]): Float64Array {
  const having = new Float64Array(sequences.reduce((sum, { length }) => sum + length, 0));
  let place = 0;
  for (const [i, own] of sequences.entries())
    for (const sequence of own) having[place++] = sequence * sequences.length + i;
  return having.sort();
}

function areAlike(a: Uint32Array, b: Uint32Array): boolean {
  let [shared, i, j] = [0, 0, 0];
  while (i < a.length && j < b.length) {
    const step = a[i]! - b[j]!;
    if (step === 0) shared++;
    if (step <= 0) i++;
    if (step >= 0) j++;
  }
  return 2 * shared >= a.length + b.length - shared;
}
