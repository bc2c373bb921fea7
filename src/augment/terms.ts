import type { CodeRow } from '../data/norm.js';
import { conceptsOf, formsOf } from '../data/terminology.js';
import type { Substitute } from './substitute.js';

export interface TermOptions {
  /** First characters of a code that a term's and a mention's have in common. */
  nearCode: number;
  /** Of a term. */
  mostWords: number;
}

/**
 * What a terminology calls the concepts near a mention's: those whose codes begin as one of its codes. In ESCO two characters are
 * a group of occupations, as that of the health professionals, whose names can stand for each other in a sentence.
 */
export function openTerms(
  rows: readonly CodeRow[],
  { nearCode, mostWords }: TermOptions,
): (codes: readonly string[]) => Substitute[] {
  const groups = new Map<string, Map<string, Substitute>>();
  for (const { code, labels, alternatives } of conceptsOf(rows)) {
    const group = groups.get(code.slice(0, nearCode)) ?? new Map<string, Substitute>();
    groups.set(code.slice(0, nearCode), group);
    for (const text of [...labels, ...alternatives].flatMap(formsOf))
      if (text.split(/\s+/).length <= mostWords && !group.has(text)) group.set(text, { text, codes: [code] });
  }
  return (codes) => {
    const near = new Set(codes.map((code) => code.slice(0, nearCode)));
    return [...near].flatMap((group) => [...(groups.get(group)?.values() ?? [])]);
  };
}
