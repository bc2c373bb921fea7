import { compareStrings, type Document } from './document.js';

/**
 * Gathers documents that are one text, or nearly: of the sequences of five words that two have, at least half
 * are in both. What is a twin of a twin is in the group, too. Groups and documents by name, whatever order
 * the documents come in.
 */
export function groupTwins<T extends Pick<Document, 'name' | 'text'>>(documents: readonly T[]): T[][] {
  const sorted = [...documents].sort((a, b) => compareStrings(a.name, b.name));
  const sequences = sorted.map(({ text }) => sequencesOf(text));
  const leader = sorted.map((_, i) => i);
  const find = (i: number): number => (leader[i] === i ? i : (leader[i] = find(leader[i]!)));
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

/** Words that are looked at together. */
const LENGTH = 5;

/** A sequence that more documents have is mostly a set phrase: of it each is held against the one before alone. */
const COMMON = 20;

/** The sequences of words of a text, each as a number; that two have one by chance is rare, and counts for little. */
function sequencesOf(text: string): Set<number> {
  const words = (text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? []).map((word) =>
    hash(word.length, (i) => word.charCodeAt(i)),
  );
  const count = Math.max(1, words.length - LENGTH + 1);
  return new Set(Array.from({ length: count }, (_, i) => hash(LENGTH, (j) => words[i + j] ?? 0)));
}

/** FNV-1a of 32 bits. */
function hash(length: number, at: (i: number) => number): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < length; i++) value = Math.imul(value ^ at(i), 0x01000193);
  return value;
}

/**
 * Pairs that may be twins: of one text, or with a sequence in common. Of one that many have it is neighbours by
 * name alone: so many copies of a text are gathered, too, as they are neighbours in what only they have.
 */
function* candidates(
  documents: readonly Pick<Document, 'text'>[],
  sequences: readonly Set<number>[],
): Generator<[number, number]> {
  const texts = new Map<string, number>();
  const having = new Map<number, number[]>();
  for (const [i, { text }] of documents.entries()) {
    if (texts.has(text)) yield [texts.get(text)!, i];
    else texts.set(text, i);
    for (const sequence of sequences[i]!) {
      if (!having.has(sequence)) having.set(sequence, []);
      having.get(sequence)!.push(i);
    }
  }
  const seen = new Set<number>();
  for (const own of having.values()) {
    const reach = own.length > COMMON ? 1 : own.length;
    for (const [at, i] of own.entries())
      for (const j of own.slice(at + 1, at + 1 + reach)) {
        const pair = i * documents.length + j;
        if (!seen.has(pair)) yield [i, j];
        seen.add(pair);
      }
  }
}

function areAlike(a: ReadonlySet<number>, b: ReadonlySet<number>): boolean {
  let shared = 0;
  for (const sequence of a) if (b.has(sequence)) shared++;
  return 2 * shared >= a.size + b.size - shared;
}
