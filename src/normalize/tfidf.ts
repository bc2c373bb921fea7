import { compareStrings } from '../data/document.js';
import { matchKey } from './text.js';

/** A vector that is mostly zeros: its other dimensions in ascending order, and their values. */
export interface SparseVector {
  indices: Int32Array;
  values: Float64Array;
}

/** Turns texts into vectors of character n-grams, weighted by TF-IDF, of length 1 (or 0: nothing known). */
export interface Tfidf {
  dimension: number;
  vector(text: string): SparseVector;
}

/**
 * Learns the n-grams of texts and how rare they are. An n-gram lies within a word with a blank on either
 * side; a shorter word counts once, whole. tf = 1 + ln(count), idf = ln((1 + N) / (1 + df)) + 1, as
 * scikit-learn's TfidfVectorizer(analyzer='char_wb', sublinear_tf=True).
 */
export function fitTfidf(texts: readonly string[], ngrams: readonly [number, number]): Tfidf {
  const frequency = new Map<string, number>();
  for (const text of texts)
    for (const gram of countGrams(text, ngrams).keys()) frequency.set(gram, (frequency.get(gram) ?? 0) + 1);
  const grams = [...frequency.keys()].sort(compareStrings);
  const indexOf = new Map(grams.map((gram, index) => [gram, index]));
  const idf = Float64Array.from(
    grams,
    (gram) => Math.log((1 + texts.length) / (1 + frequency.get(gram)!)) + 1,
  );
  return {
    dimension: grams.length,
    vector(text) {
      const entries: [index: number, value: number][] = [];
      for (const [gram, count] of countGrams(text, ngrams)) {
        const index = indexOf.get(gram);
        if (index !== undefined) entries.push([index, (1 + Math.log(count)) * idf[index]!]);
      }
      entries.sort(([a], [b]) => a - b);
      const length = Math.sqrt(entries.reduce((sum, [, value]) => sum + value * value, 0));
      return {
        indices: Int32Array.from(entries, ([index]) => index),
        values: Float64Array.from(entries, ([, value]) => value / length),
      };
    },
  };
}

function countGrams(text: string, [shortest, longest]: readonly [number, number]): Map<string, number> {
  const counts = new Map<string, number>();
  const add = (gram: string) => counts.set(gram, (counts.get(gram) ?? 0) + 1);
  const key = matchKey(text);
  for (const word of key === '' ? [] : key.split(' ')) {
    const letters = [...` ${word} `];
    for (let n = shortest; n <= longest; n++) {
      for (let start = 0; start + n <= letters.length; start++) add(letters.slice(start, start + n).join(''));
      if (letters.length < n) add(letters.join(''));
      if (letters.length <= n) break;
    }
  }
  return counts;
}
