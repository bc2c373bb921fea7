import type { NormalizationConfig } from '../config/sections/normalization.js';
import { compareStrings } from '../data/document.js';
import type { Knowledge } from './knowledge.js';
import { formsOf } from './terminology.js';
import { matchKey } from './text.js';

/**
 * Looks texts up word for word: the concept that the first of the sources has for it, by how often, then by
 * code; undefined where none has it.
 */
export function exactLookup(
  { concepts, mentions }: Knowledge,
  sources: NormalizationConfig['exact'],
): (text: string) => number | undefined {
  const indexOf = new Map(concepts.map(({ code }, index) => [code, index]));
  const texts = {
    mentions: () => mentions.map(({ text, code, count }) => ({ text, concept: indexOf.get(code)!, count })),
    labels: () =>
      concepts.flatMap(({ labels }, concept) =>
        labels.flatMap(formsOf).map((text) => ({ text, concept, count: 1 })),
      ),
    alternatives: () =>
      concepts.flatMap(({ alternatives }, concept) =>
        alternatives.map((text) => ({ text, concept, count: 1 })),
      ),
  };
  const tables = sources.map((source) => {
    const counts = new Map<string, Map<number, number>>();
    for (const { text, concept, count } of texts[source]()) {
      const key = matchKey(text);
      if (key === '') continue;
      if (!counts.has(key)) counts.set(key, new Map());
      const own = counts.get(key)!;
      own.set(concept, (own.get(concept) ?? 0) + count);
    }
    return counts;
  });
  return (text) => {
    const key = matchKey(text);
    const found = tables.find((table) => table.has(key))?.get(key);
    const byCount = [...(found ?? [])].sort(
      ([a, m], [b, n]) => n - m || compareStrings(concepts[a]!.code, concepts[b]!.code),
    );
    return byCount[0]?.[0];
  };
}
